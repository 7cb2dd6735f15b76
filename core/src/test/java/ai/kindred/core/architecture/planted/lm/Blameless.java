package ai.kindred.core.architecture.planted.lm;

import ai.kindred.core.architecture.planted.kernel.UpwardArrow;

/** Keeps every rule. */
public final class Blameless {
  private Blameless() {}

  /** Uses a class of a lower row. */
  public static int work() {
    return UpwardArrow.class.getModifiers();
  }
}
