package ai.kindred.examples.architecture.planted.benchmarks;

/** Keeps the rule: a leaf may use every module. */
public class Benchmark {
  /** Uses a method module. */
  public static Class<?> used() {
    return ai.kindred.examples.architecture.planted.peft.UsesCommands.class;
  }
}
