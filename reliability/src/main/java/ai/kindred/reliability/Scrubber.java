package ai.kindred.reliability;

import ai.kindred.reliability.code.DamageHandler;
import ai.kindred.reliability.code.Repairs;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Goes over protected memory in the background, so many bytes a second, repairs what it finds and
 * remembers where: a cell that is wrong again and again is stuck, not hit by chance.
 */
public final class Scrubber implements AutoCloseable {

  private static final int WORD = Long.BYTES;

  /** Turns a second. */
  private static final int TURNS = 50;

  /** Places remembered; faults beyond are repaired and not remembered. */
  private static final int REMEMBERED = 100_000;

  /**
   * What has been done.
   *
   * @param passes whole passes over all memory
   * @param repairs what they found
   */
  public record Progress(long passes, Repairs repairs) {}

  /**
   * A bit that was repaired more than once.
   *
   * @param bit which bit of the tensor's words
   * @param times how often
   */
  public record StuckCell(String tensor, long bit, int times) {}

  private record Place(String tensor, long bit) {}

  private final List<ProtectedTensor> memory;
  private final Doubles doubles;
  private final long bytesPerSecond;
  private final Map<Place, Integer> repaired = new HashMap<>();
  private final Thread thread;
  private long passes;
  private Repairs repairs = Repairs.NONE;
  private @Nullable RuntimeException failure;
  private int tensor;
  private int word;
  private volatile boolean closed;

  private Scrubber(List<ProtectedTensor> memory, Doubles doubles, long bytesPerSecond) {
    this.memory = List.copyOf(memory);
    this.doubles = doubles;
    this.bytesPerSecond = bytesPerSecond;
    this.thread = new Thread(this::run, "kindred-scrubber");
    thread.setDaemon(true);
  }

  /**
   * Starts.
   *
   * @param bytesPerSecond at least 400: a word a turn
   */
  public static Scrubber start(List<ProtectedTensor> memory, Doubles doubles, long bytesPerSecond) {
    if (bytesPerSecond < TURNS * WORD) {
      throw new IllegalArgumentException(
          "a budget of " + bytesPerSecond + " bytes a second; give " + TURNS * WORD + " or more");
    }
    memory.forEach(m -> m.handler(doubles)); // complains now rather than later
    Scrubber scrubber = new Scrubber(memory, doubles, bytesPerSecond);
    scrubber.thread.start();
    return scrubber;
  }

  /**
   * Expected words with two flips in a pass, by chance alone: {@code W 2016 (r T)^2}.
   *
   * @param words W, words of 64 bits
   * @param rate r, flips a bit and second
   * @param interval T, seconds between passes
   */
  public static double expectedDoubles(long words, double rate, double interval) {
    if (words < 0 || !(rate >= 0) || !(interval >= 0)) {
      throw new IllegalArgumentException(
          words + " words, rate " + rate + ", interval " + interval + ": none may be negative");
    }
    double p = rate * interval;
    return words * 2016.0 * p * p;
  }

  /** The longest interval, in seconds, at which so many doubles a pass are expected. */
  public static double interval(long words, double rate, double doubles) {
    return Math.sqrt(doubles / (2016.0 * words)) / rate;
  }

  private void run() {
    int words = (int) Math.min(1 << 24, bytesPerSecond / TURNS / WORD);
    long turn = 1_000_000_000L / TURNS;
    long next = System.nanoTime();
    while (!closed) {
      try {
        step(words);
      } catch (RuntimeException e) {
        synchronized (this) {
          failure = e;
        }
        return;
      }
      next += turn;
      long wait = next - System.nanoTime();
      if (wait <= 0) {
        next = System.nanoTime(); // late: the budget is a limit, not a debt
      } else if (!slept(wait)) {
        return;
      }
    }
  }

  private static boolean slept(long nanos) {
    try {
      Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Scrubs the next words. */
  synchronized void step(int budget) {
    int left = budget;
    // At most once round, so that little memory is not gone over many times a turn.
    for (int i = 0; i <= memory.size() && left > 0 && !memory.isEmpty(); i++) {
      ProtectedTensor m = memory.get(tensor);
      int to = (int) Math.min(m.words().count(), (long) word + left);
      repairs = repairs.plus(m.scrub(word, to, remembering(m)));
      left -= to - word;
      word = to;
      if (word == m.words().count()) {
        word = 0;
        tensor++;
      }
      if (tensor == memory.size()) {
        tensor = 0;
        passes++;
      }
    }
  }

  private DamageHandler remembering(ProtectedTensor m) {
    DamageHandler handler = m.handler(doubles);
    return new DamageHandler() {
      @Override
      public OptionalLong uncorrectable(Damage damage) {
        return handler.uncorrectable(damage);
      }

      @Override
      public void corrected(int at, long flipped) {
        long rest = flipped;
        while (rest != 0) {
          remember(new Place(m.name(), 64L * at + Long.numberOfTrailingZeros(rest)));
          rest &= rest - 1;
        }
      }
    };
  }

  private void remember(Place place) {
    if (repaired.size() < REMEMBERED || repaired.containsKey(place)) {
      repaired.merge(place, 1, Integer::sum);
    }
  }

  /**
   * What has been done so far.
   *
   * @throws UncorrectableException where the policy is to raise one; scrubbing has ended then
   */
  public synchronized Progress progress() {
    if (failure != null) {
      throw failure;
    }
    return new Progress(passes, repairs);
  }

  /**
   * Bits that were repaired at least so often, most often first.
   *
   * @param times 2 or more
   */
  public synchronized List<StuckCell> stuckCells(int times) {
    List<StuckCell> stuck = new ArrayList<>();
    repaired.forEach(
        (place, n) -> {
          if (n >= Math.max(2, times)) {
            stuck.add(new StuckCell(place.tensor(), place.bit(), n));
          }
        });
    stuck.sort(
        Comparator.comparingInt((StuckCell c) -> -c.times())
            .thenComparing(StuckCell::tensor)
            .thenComparing(StuckCell::bit));
    return stuck;
  }

  /** Ends after the present turn. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
