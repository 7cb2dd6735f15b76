package ai.kindred.reliability.campaign;

import ai.kindred.core.kernel.Key;

/**
 * One injection and one measurement.
 *
 * @param network name of the subject
 * @param strategy name of the strategy
 * @param training which of the trained networks, from 0; 0 for strategies that train nothing
 * @param rate flipped bits over all bits; 0 for the measurement without faults
 * @param seed of the faults, from 0
 */
public record Trial(String network, String strategy, int training, double rate, long seed) {

  /** Whether nothing is hit: the strategy's own cost. */
  public boolean isClean() {
    return rate == 0;
  }

  /**
   * What faults are drawn from. Strategies are not told apart: memories of the same sizes are hit
   * at the same places.
   */
  Key key() {
    return Key.of(seed).fold("campaign").fold(network).fold(Double.doubleToLongBits(rate));
  }
}
