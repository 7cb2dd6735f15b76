package ai.kindred.core.architecture.planted.report;

import ai.kindred.core.architecture.planted.lm.Blameless;

/** Offends: uses a package of its own row. */
final class SidewaysArrow {
  private SidewaysArrow() {}

  static int arrow() {
    return Blameless.work();
  }
}
