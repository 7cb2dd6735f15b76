package ai.kindred.core.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * How often each task comes up when many are trained together. C. Raffel et al., "Exploring the
 * limits of transfer learning with a unified text-to-text transformer", JMLR 21 (2020), section
 * 3.5.2.
 */
public sealed interface Mixing {

  /**
   * Draws of each task in one cycle of the mixture, each at least 1.
   *
   * @param sizes training examples of each task, each at least 1
   */
  long[] draws(int[] sizes);

  /**
   * Examples-proportional: a cycle has min(size, cap) draws of each task, so with a cap above every
   * size one cycle is one epoch.
   *
   * @param cap at least 1; keeps large tasks from drowning small ones
   */
  record Proportional(int cap) implements Mixing {

    /** Checks the cap. */
    public Proportional {
      checkCap(cap);
    }

    @Override
    public long[] draws(int[] sizes) {
      return IntStream.of(sizes).mapToLong(size -> Math.min(size, cap)).toArray();
    }
  }

  /**
   * Temperature-scaled: rates in proportion to min(size, cap)^(1/temperature), rounded to whole
   * draws in a cycle about as long as the proportional one. 1 is proportional; the higher, the more
   * equal.
   *
   * @param temperature at least 1
   * @param cap at least 1
   */
  record Temperature(double temperature, int cap) implements Mixing {

    /** Checks temperature and cap. */
    public Temperature {
      checkCap(cap);
      if (!(temperature >= 1)) {
        throw new IllegalArgumentException("a mixing temperature is 1 or more, not " + temperature);
      }
    }

    @Override
    public long[] draws(int[] sizes) {
      double[] rates =
          IntStream.of(sizes)
              .mapToDouble(size -> Math.pow(Math.min(size, cap), 1 / temperature))
              .toArray();
      double cycle = IntStream.of(sizes).mapToDouble(size -> Math.min(size, cap)).sum();
      double scale = cycle / Arrays.stream(rates).sum();
      return Arrays.stream(rates)
          .mapToLong(rate -> Math.max(1, Math.round(rate * scale)))
          .toArray();
    }
  }

  /** Every task equally often: once in a cycle. */
  record Uniform() implements Mixing {

    @Override
    public long[] draws(int[] sizes) {
      return IntStream.of(sizes).mapToLong(size -> 1).toArray();
    }
  }

  private static void checkCap(int cap) {
    if (cap < 1) {
      throw new IllegalArgumentException("a mixing cap is 1 or more, not " + cap);
    }
  }
}
