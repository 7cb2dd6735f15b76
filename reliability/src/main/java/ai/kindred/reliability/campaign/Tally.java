package ai.kindred.reliability.campaign;

import ai.kindred.reliability.code.Repairs;

/** Counts what became of words that were hit. */
final class Tally {

  private final int bitsPerWeight;
  long corrected;
  long detected;
  long silent;
  long wrong;

  Tally(int bitsPerWeight) {
    this.bitsPerWeight = bitsPerWeight;
  }

  /**
   * One word.
   *
   * @param found what the code said of it
   * @param before its plain weights before the faults
   * @param now and after repair
   */
  void add(Repairs found, long before, long now) {
    if (found.detected() > 0) {
      detected++;
    } else if (before != now) {
      silent++;
    } else {
      corrected += found.corrected();
    }
    long differing = before ^ now;
    long one = (1L << bitsPerWeight) - 1;
    for (int shift = 0; shift < Long.SIZE; shift += bitsPerWeight) {
      wrong += (differing >>> shift & one) != 0 ? 1 : 0;
    }
  }
}
