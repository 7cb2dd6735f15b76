package ai.kindred.core.lm;

import ai.kindred.core.io.AtomicFiles;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A byte-level BPE tokenizer as learnt: its merges, from which everything else follows. Token ids
 * are those of {@link #vocabulary}: the special tokens, the 256 bytes, then one token a merge.
 *
 * @param merges pairs of tokens to join, the most urgent first; bytes are written as GPT-2 does
 */
public record ByteLevelBpe(List<Merge> merges) {

  /** End of a document, start and end of a chat message, and padding: ids 0 to 3. */
  public static final List<String> SPECIAL_TOKENS =
      List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>");

  /** ChatML: a role and a content between {@code <|im_start|>} and {@code <|im_end|>}. */
  public static final String CHAT_TEMPLATE =
      "{% for message in messages %}"
          + "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
          + "{% endfor %}"
          + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  /** Two tokens that become one. */
  public record Merge(String left, String right) {}

  public ByteLevelBpe {
    merges = List.copyOf(merges);
  }

  /** All tokens; a token's place is its id. */
  public List<String> vocabulary() {
    Set<String> tokens = new LinkedHashSet<>(SPECIAL_TOKENS);
    for (int b = 0; b < 256; b++) {
      tokens.add(String.valueOf(ByteLevel.character(b)));
    }
    merges.forEach(merge -> tokens.add(merge.left() + merge.right()));
    return List.copyOf(tokens);
  }

  /**
   * Writes {@code tokenizer.json} and {@code tokenizer_config.json} (with the ChatML template) into
   * a folder, which is made where it is missing. Each file appears whole or not at all.
   *
   * @param modelMaxLength the model's context, in tokens
   */
  public void write(Path folder, int modelMaxLength) throws IOException {
    if (modelMaxLength < 1) {
      throw new IllegalArgumentException("modelMaxLength is " + modelMaxLength + ", not 1 or more");
    }
    ObjectMapper mapper = new ObjectMapper();
    AtomicFiles.writeString(folder.resolve("tokenizer.json"), tokenizer(mapper).toPrettyString());
    AtomicFiles.writeString(
        folder.resolve("tokenizer_config.json"), config(mapper, modelMaxLength).toPrettyString());
  }

  private ObjectNode tokenizer(ObjectMapper mapper) {
    ObjectNode root = mapper.createObjectNode();
    root.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    for (int id = 0; id < SPECIAL_TOKENS.size(); id++) {
      added.add(special(mapper, id).put("id", id));
    }
    root.putNull("normalizer");
    ArrayNode steps =
        root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
    steps.addObject().put("type", "Digits").put("individual_digits", true);
    byteLevel(steps.addObject());
    root.putNull("post_processor");
    byteLevel(root.putObject("decoder"));
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    ObjectNode vocab = model.putObject("vocab");
    List<String> tokens = vocabulary();
    for (int id = 0; id < tokens.size(); id++) {
      vocab.put(tokens.get(id), id);
    }
    ArrayNode pairs = model.putArray("merges");
    merges.forEach(merge -> pairs.add(merge.left() + " " + merge.right()));
    return root;
  }

  private static ObjectNode config(ObjectMapper mapper, int modelMaxLength) {
    ObjectNode root = mapper.createObjectNode();
    root.put("tokenizer_class", "PreTrainedTokenizerFast").put("add_prefix_space", false);
    ObjectNode decoder = root.putObject("added_tokens_decoder");
    for (int id = 0; id < SPECIAL_TOKENS.size(); id++) {
      decoder.set(Integer.toString(id), special(mapper, id));
    }
    root.put("bos_token", "<|endoftext|>").put("eos_token", "<|im_end|>");
    root.put("pad_token", "<|pad|>").putNull("unk_token");
    root.put("clean_up_tokenization_spaces", false).put("model_max_length", modelMaxLength);
    return root.put("chat_template", CHAT_TEMPLATE);
  }

  private static ObjectNode special(ObjectMapper mapper, int id) {
    ObjectNode token = mapper.createObjectNode().put("content", SPECIAL_TOKENS.get(id));
    token.put("single_word", false).put("lstrip", false).put("rstrip", false);
    return token.put("normalized", false).put("special", true);
  }

  private static void byteLevel(ObjectNode node) {
    node.put("type", "ByteLevel").put("add_prefix_space", false);
    node.put("trim_offsets", true).put("use_regex", true);
  }
}
