package ai.kindred.benchmarks.reliability;

import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.code.Bch78;
import ai.kindred.reliability.code.CodewordSecded57;
import ai.kindred.reliability.code.FlaggedOutlier57;
import ai.kindred.reliability.code.InPlaceSecded56;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.code.NeighbourAverage;
import ai.kindred.reliability.code.ParityZero;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.Secded72;
import ai.kindred.reliability.code.TripleModularRedundancy;
import ai.kindred.reliability.code.WordCode;
import ai.kindred.reliability.code.Words;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Passes over {@value #MIB} MiB, far more than a cache holds, on one thread, beside a copy of as
 * many bytes by {@code System.arraycopy}. Times are milliseconds a pass.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CodeSpeed {

  /** Size of the buffer. */
  static final int MIB = 64;

  private static final int WORDS = MIB << 17;

  private static final int DIFFERENT = 1 << 12;

  private static final List<WordCode> CODES =
      List.of(
          new InPlaceSecded57(),
          new InPlaceSecded56(),
          new FlaggedOutlier57(),
          new Secded72(),
          new ParityZero(),
          new NeighbourAverage(),
          new TripleModularRedundancy(),
          new Bch78(),
          new CodewordSecded57());

  /** Name of the code. */
  @Param({
    "in-place (64,57)",
    "in-place (64,56)",
    "in-place (64,57), flagged",
    "codewords (64,57)",
    "SEC-DED (72,64)",
    "parity, zero",
    "parity, neighbours",
    "triple redundancy",
    "BCH (78,64)"
  })
  public String code = "";

  /** Flipped bits over all bits, put in anew before each pass. */
  @Param({"0", "1e-5"})
  public double rate;

  private WordCode wordCode = new InPlaceSecded57();
  private Words words = Words.allocate(0, 0);
  private Words plain = Words.allocate(0, 0);
  private SplittableRandom random = Key.of(1).random();
  private final long[] from = new long[WORDS];
  private final long[] to = new long[WORDS];

  /** Fills the buffer. */
  @Setup(Level.Trial)
  public void fill() {
    wordCode = CODES.stream().filter(c -> c.name().equals(code)).findFirst().orElseThrow();
    words = Words.allocate(8 * WORDS, wordCode.checkBytes());
    plain = Words.allocate(8 * WORDS, 0);
    for (int i = 0; i < WORDS; i++) {
      from[i] = random.nextLong();
      // Finding codewords takes long, so a few serve for all.
      plain.set(
          i,
          i < DIFFERENT
              ? wordCode.nearest(from[i] & 0x3f3f3f3f3f3f3f3fL).orElseThrow()
              : plain.get(i % DIFFERENT));
      words.set(i, plain.get(i));
    }
    wordCode.encode(words);
  }

  /** Puts faults in. */
  @Setup(Level.Invocation)
  public void hit() {
    long faults = (long) (rate * 64 * WORDS);
    for (long i = 0; i < faults; i++) {
      words.flip(random.nextLong(64L * WORDS));
    }
  }

  /** What everything is measured against. */
  @Benchmark
  public long[] arraycopy() {
    System.arraycopy(from, 0, to, 0, WORDS);
    return to;
  }

  /** Checks all words and repairs in place. */
  @Benchmark
  public Repairs repair() {
    return wordCode.repair(words, damage -> OptionalLong.of(0));
  }

  /** Checks, repairs, and writes plain weights elsewhere. */
  @Benchmark
  public Repairs decode() {
    return wordCode.decode(words, plain, damage -> OptionalLong.of(0));
  }

  /** Plain words to encode, anew for each pass. */
  @State(Scope.Thread)
  public static class Fresh {
    private Words words = Words.allocate(0, 0);

    /** Copies. */
    @Setup(Level.Invocation)
    public void refill(CodeSpeed speed) {
      if (words.count() == 0) {
        words = Words.allocate(8 * WORDS, speed.wordCode.checkBytes());
      }
      words.bytes().put(speed.plain.bytes());
    }
  }

  /** Encodes plain weights in place. */
  @Benchmark
  public Words encode(Fresh fresh) {
    wordCode.encode(fresh.words);
    return fresh.words;
  }
}
