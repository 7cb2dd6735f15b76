package ai.kindred.reliability.fault;

import ai.kindred.reliability.fault.Fault.Kind;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Where faults strike, in a memory of so many bits. */
public sealed interface FaultModel {

  /** Share of the bits that are hit, or expected to be. */
  double rate();

  /** What happens to a bit that is hit. */
  default Kind kind(SplittableRandom random) {
    return Kind.FLIP;
  }

  /** The bits that are hit, of 0 to {@code bits} - 1. */
  Set<Long> places(long bits, SplittableRandom random);

  /** Requires a share that faults can have. */
  private static void check(double rate) {
    if (!(rate >= 0 && rate <= 0.5)) {
      throw new IllegalArgumentException(
          "a fault rate of " + rate + "; it is flipped bits over all bits, 0 to 0.5");
    }
  }

  /** {@code floor(rate bits)} different bits, as the authors' simulator has it. */
  record ExactCount(double rate) implements FaultModel {
    /** Checks the rate. */
    public ExactCount {
      check(rate);
    }

    @Override
    public Set<Long> places(long bits, SplittableRandom random) {
      return distinct((long) (rate * bits), bits, random);
    }
  }

  /** Each bit on its own. */
  record Bernoulli(double rate) implements FaultModel {
    /** Checks the rate. */
    public Bernoulli {
      check(rate);
    }

    @Override
    public Set<Long> places(long bits, SplittableRandom random) {
      Set<Long> places = new HashSet<>();
      if (rate > 0) {
        double log = Math.log1p(-rate);
        // Gaps between hits are geometric.
        double at = gap(log, random);
        while (at < bits) {
          places.add((long) at);
          at += 1 + gap(log, random);
        }
      }
      return places;
    }

    private static double gap(double log, SplittableRandom random) {
      return Math.floor(Math.log1p(-random.nextDouble()) / log);
    }
  }

  /**
   * Runs of neighbouring bits, all flipped, starting anywhere.
   *
   * @param length bits a run
   */
  record Bursts(double rate, int length) implements FaultModel {
    /** Checks the ranges. */
    public Bursts {
      check(rate);
      if (length < 1) {
        throw new IllegalArgumentException("bursts of " + length + " bits; give 1 or more");
      }
    }

    @Override
    public Set<Long> places(long bits, SplittableRandom random) {
      Set<Long> places = new HashSet<>();
      long runs = Math.round(rate * bits / length);
      for (long start : distinct(Math.min(runs, bits), Math.max(1, bits - length + 1), random)) {
        for (long bit = start; bit < Math.min(bits, start + length); bit++) {
          places.add(bit);
        }
      }
      return places;
    }
  }

  /**
   * Rows of a memory chip: aligned runs of bytes of which every bit is flipped or not by a coin.
   *
   * @param bytes bytes a row
   */
  record Rows(double rate, int bytes) implements FaultModel {
    /** Checks the ranges. */
    public Rows {
      check(rate);
      if (bytes < 1) {
        throw new IllegalArgumentException("rows of " + bytes + " bytes; give 1 or more");
      }
    }

    @Override
    public Set<Long> places(long bits, SplittableRandom random) {
      Set<Long> places = new HashSet<>();
      long length = 8L * bytes;
      long rows = (bits + length - 1) / length;
      for (long row : distinct(Math.min(rows, Math.round(2 * rate * rows)), rows, random)) {
        for (long bit = row * length; bit < Math.min(bits, (row + 1) * length); bit++) {
          if (random.nextBoolean()) {
            places.add(bit);
          }
        }
      }
      return places;
    }
  }

  /** So many different cells stuck, half of them at 0 and half at 1. */
  record StuckCells(double rate) implements FaultModel {
    /** Checks the rate. */
    public StuckCells {
      check(rate);
    }

    @Override
    public Kind kind(SplittableRandom random) {
      return random.nextBoolean() ? Kind.STUCK_AT_1 : Kind.STUCK_AT_0;
    }

    @Override
    public Set<Long> places(long bits, SplittableRandom random) {
      return distinct((long) (rate * bits), bits, random);
    }
  }

  private static Set<Long> distinct(long count, long below, SplittableRandom random) {
    Set<Long> drawn = new TreeSet<>();
    while (drawn.size() < Math.min(count, below)) {
      drawn.add(random.nextLong(below));
    }
    return drawn;
  }
}
