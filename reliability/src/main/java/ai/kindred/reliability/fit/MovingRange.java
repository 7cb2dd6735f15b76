package ai.kindred.reliability.fit;

/**
 * The range of activations by an exponential moving average, for symmetric quantisation: {@code r
 * <- d r + (1 - d) max |x|}, the first batch taken as it is. The authors' code has d = 0.999.
 *
 * @param decay d, 0 to 1
 * @param range r; 0 before the first batch
 */
public record MovingRange(double decay, double range) {

  /** Checks the ranges. */
  public MovingRange {
    if (!(decay >= 0 && decay < 1) || !(range >= 0)) {
      throw new IllegalArgumentException(
          "decay "
              + decay
              + " and range "
              + range
              + "; decay lies in [0, 1), a range is not negative");
    }
  }

  /** After one more batch with this greatest absolute value. */
  public MovingRange with(double greatest) {
    return new MovingRange(decay, range == 0 ? greatest : decay * range + (1 - decay) * greatest);
  }
}
