package ai.kindred.reliability;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.reliability.Arena.Span;
import ai.kindred.reliability.code.DamageHandler;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.WordCode;
import ai.kindred.reliability.code.Words;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Weights encoded in native memory that tensors share: what is repaired here is repaired for every
 * kernel that reads them. Passes, injections and inference may run at once; single words change
 * atomically.
 */
public final class ProtectedTensor {

  private final String name;
  private final WordCode code;
  private final Span span;
  private final Words words;
  private final int bytes;
  private final double rms;
  private @Nullable Span copySpan;
  private @Nullable Words working;
  private @Nullable IntToLongFunction source;

  private ProtectedTensor(
      String name, WordCode code, Span span, Words words, int bytes, double rms) {
    this.name = name;
    this.code = code;
    this.span = span;
    this.words = words;
    this.bytes = bytes;
    this.rms = rms;
  }

  /**
   * Encodes weights.
   *
   * @param name for messages and lists of faults
   * @param plain the weights, copied
   * @throws IllegalArgumentException where a word does not fit the code, naming it
   */
  public static ProtectedTensor encode(String name, ByteBuffer plain, WordCode code) {
    return encode(name, plain, code, Span.own(plain.remaining()));
  }

  /** Encodes weights in given memory. */
  static ProtectedTensor encode(String name, ByteBuffer plain, WordCode code, Span span) {
    int bytes = plain.remaining();
    Words words = Words.over(span.bytes(), code.checkBytes());
    words.bytes().put(plain.duplicate());
    try {
      code.encode(words);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    return encoded(name, span, words, bytes, code);
  }

  /**
   * Takes over words that are encoded already, as a file holds them.
   *
   * @param span the memory of the words
   * @param bytes number of weights
   */
  static ProtectedTensor encoded(String name, Span span, Words words, int bytes, WordCode code) {
    return new ProtectedTensor(name, code, span, words, bytes, rms(words, bytes, code));
  }

  private static double rms(Words words, int bytes, WordCode code) {
    double sum = 0;
    for (int i = 0; i < words.count(); i++) {
      long plain = code.restore(words.get(i));
      for (int b = 0; b < Long.BYTES; b++) {
        double q = (byte) (plain >>> (8 * b));
        sum += q * q;
      }
    }
    return bytes == 0 ? 0 : Math.sqrt(sum / bytes);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** Its code. */
  public WordCode code() {
    return code;
  }

  /** Its memory. */
  public Words words() {
    return words;
  }

  /** Bytes of weights, without what fills up the last word. */
  public int bytes() {
    return bytes;
  }

  /** Root mean square of the weights, in steps of their scale. */
  public double rms() {
    return rms;
  }

  /** A tensor over the encoded memory. */
  public Tensor tensor(DType dtype, long... shape) {
    return Tensor.of(words.bytes().limit(bytes), dtype, shape);
  }

  /**
   * A tensor over a plain working copy, which the first call makes and {@link #refresh} brings up
   * to date.
   */
  public Tensor workingTensor(DType dtype, long... shape) {
    Words copy = working;
    if (copy == null) {
      Span memory = copySpan == null ? Span.own(bytes) : copySpan;
      copySpan = memory;
      copy = Words.over(memory.bytes(), 0);
      code.decode(words, copy, DamageHandler.KEEP);
      working = copy;
    }
    return Tensor.of(copy.bytes().limit(bytes), dtype, shape);
  }

  /** Where a working copy goes, if one is made. */
  void copyTo(Span memory) {
    copySpan = memory;
  }

  /**
   * The memory that products read, of several tensors as one.
   *
   * @param copies the working copies, which have been made
   */
  static Optional<ByteBuffer> joined(List<ProtectedTensor> all, boolean copies) {
    List<Span> spans =
        all.stream().map(t -> copies ? t.copySpan : t.span).filter(Objects::nonNull).toList();
    return spans.size() == all.size() ? Span.joined(spans) : Optional.empty();
  }

  /** Where {@link Doubles#RELOAD} takes the plain word of an index from. */
  public void reloadFrom(IntToLongFunction plainWords) {
    source = plainWords;
  }

  /** Checks and repairs words [from, to). */
  public Repairs scrub(int from, int to, DamageHandler handler) {
    return code.repair(words, from, to, handler);
  }

  /** Checks and repairs all words. */
  public Repairs scrub(Doubles doubles) {
    return scrub(0, words.count(), handler(doubles));
  }

  /** Checks and repairs all words, and decodes them into the working copy if there is one. */
  public Repairs refresh(DamageHandler handler) {
    Words copy = working;
    return copy == null ? scrub(0, words.count(), handler) : code.decode(words, copy, handler);
  }

  /** Brings the working copy up to date without repairing anything: what damage alone would do. */
  public void copyDamaged() {
    Words copy = working;
    for (int i = 0; copy != null && i < words.count(); i++) {
      copy.set(i, code.restore(words.get(i)));
    }
  }

  /** The plain weights, decoded without repair. */
  public byte[] weights() {
    ByteBuffer plain = ByteBuffer.allocate(words.count() * Long.BYTES).order(words.bytes().order());
    for (int i = 0; i < words.count(); i++) {
      plain.putLong(code.restore(words.get(i)));
    }
    byte[] weights = new byte[bytes];
    plain.flip().get(weights);
    return weights;
  }

  /**
   * The handler of a policy for this tensor.
   *
   * @throws IllegalStateException for {@link Doubles#RELOAD} without {@link #reloadFrom}
   */
  public DamageHandler handler(Doubles doubles) {
    IntToLongFunction reload = source;
    return switch (doubles) {
      case RAISE ->
          damage -> {
            throw new UncorrectableException(
                "word "
                    + damage.word()
                    + " of "
                    + name
                    + " is damaged beyond repair by "
                    + code.name()
                    + "; load the weights again");
          };
      case KEEP -> DamageHandler.KEEP;
      case ZERO -> damage -> OptionalLong.of(0);
      case POSTERIOR_MEAN ->
          damage ->
              damage.candidates().length == 0
                  ? OptionalLong.empty()
                  : fitting(PosteriorMean.of(damage.candidates(), rms));
      case RELOAD -> {
        if (reload == null) {
          throw new IllegalStateException(name + " was not told where to reload words from");
        }
        yield damage -> OptionalLong.of(reload.applyAsLong(damage.word()));
      }
    };
  }

  /** A mean of words of a code need not be one. */
  private OptionalLong fitting(long mean) {
    return code.nearest(mean);
  }

  @Override
  public String toString() {
    return name + ", " + bytes + " bytes, " + code;
  }
}
