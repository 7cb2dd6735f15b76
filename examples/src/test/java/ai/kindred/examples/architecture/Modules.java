package ai.kindred.examples.architecture;

import java.util.Set;

/** Which module may use which: methods stand on core alone, leaves use all, nothing uses leaves. */
final class Modules {

  static final Set<String> METHODS =
      Set.of("summarization", "peft", "userembed", "federated", "reliability");
  static final Set<String> LEAVES = Set.of("examples", "benchmarks", "docs");

  /** What everything below the leaves is made of, besides the methods. */
  private static final Set<String> BASE = Set.of("core", "tiny", "cli");

  private Modules() {}

  static boolean isKnown(String module) {
    return METHODS.contains(module) || LEAVES.contains(module) || BASE.contains(module);
  }

  /** Whether the main classes of a module may use another module. */
  static boolean mayUse(String from, String to) {
    if (LEAVES.contains(from)) {
      return isKnown(to) && !LEAVES.contains(to);
    }
    boolean standsOnCore = METHODS.contains(from) || from.equals("cli");
    return standsOnCore && to.equals("core");
  }
}
