package ai.kindred.peft;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of adapters' tensors in files, as PEFT has them: the component {@code loraA} of the adapter
 * at {@code model.layers.0.self_attn.q_proj} is {@code
 * base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}. The rule is the same for any
 * adapter record: the component in snake case, but a last letter that stands alone is a capital.
 */
final class AdapterKeys {

  private static final String PREFIX = "base_model.model.";
  private static final Pattern LONE_LETTER = Pattern.compile("_([a-z])$");
  private static final Pattern SUFFIX = Pattern.compile("\\.(weight|bias)$");

  private AdapterKeys() {}

  /** The key of a leaf's path, such as {@code model.layers.0.self_attn.q_proj.lora_a}. */
  static String of(String path) {
    return PREFIX + withoutPrefix(path);
  }

  /** The key as models, not their PEFT wrappers, have it. */
  static String withoutPrefix(String path) {
    Matcher lone = LONE_LETTER.matcher(path);
    String named = lone.find() ? path.substring(0, lone.start(1)) + capital(lone) : path;
    return SUFFIX.matcher(named).find() ? named : named + ".weight";
  }

  private static char capital(Matcher lone) {
    return Character.toUpperCase(lone.group(1).charAt(0));
  }
}
