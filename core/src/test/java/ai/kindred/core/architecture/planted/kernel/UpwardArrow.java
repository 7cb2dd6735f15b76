package ai.kindred.core.architecture.planted.kernel;

import ai.kindred.core.architecture.planted.lm.Blameless;

/** Offends: the lowest row uses the highest, which uses it. */
public final class UpwardArrow {
  private UpwardArrow() {}

  /** Uses a class of a higher row. */
  public static int arrow() {
    return Blameless.work();
  }
}
