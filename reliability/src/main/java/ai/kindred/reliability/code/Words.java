package ai.kindred.reliability.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Memory of weights as 64-bit words of eight bytes, and check bytes beside them where a code wants
 * some. The memory is given, not copied: a tensor over the same bytes sees every change. Words
 * change by compare-and-set, so that a repair never undoes what another thread has written.
 *
 * <p>Byte b of a word holds its bits 8b to 8b + 7. Bits are counted through all words first, then
 * through all check bytes.
 */
public final class Words {

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final ByteBuffer data;
  private final ByteBuffer checks;
  private final LongBuffer longs;
  private final int count;
  private final int checkBytes;

  private Words(ByteBuffer data, ByteBuffer checks, int checkBytes) {
    this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.checks = checks.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.longs = this.data.asLongBuffer();
    this.count = this.data.capacity() / Long.BYTES;
    this.checkBytes = checkBytes;
  }

  /**
   * New memory of zeros for so many weights.
   *
   * @param weights 0 to 2^31 - 8; the last word is filled up with zeros
   * @param checkBytes check bytes a word, 0 for codes inside the word
   */
  public static Words allocate(int weights, int checkBytes) {
    return over(ByteBuffer.allocateDirect(padded(weights)), checkBytes);
  }

  /**
   * Words over direct memory that starts at a multiple of 8 and whose length is one; check bytes
   * are new.
   */
  public static Words over(ByteBuffer data, int checkBytes) {
    int bytes = data.remaining();
    if (!data.isDirect() || bytes % Long.BYTES != 0 || alignment(data) != 0) {
      throw new IllegalArgumentException(
          "words lie in direct memory that starts at a multiple of 8 bytes and has whole words,"
              + " not in "
              + data);
    }
    int beside = Math.multiplyExact(bytes / Long.BYTES, checkBytes);
    return new Words(data, ByteBuffer.allocateDirect(padded(beside)), checkBytes);
  }

  private static int alignment(ByteBuffer data) {
    return data.alignmentOffset(data.position(), Long.BYTES);
  }

  private static int padded(int bytes) {
    if (bytes < 0 || bytes > Integer.MAX_VALUE - Long.BYTES) {
      throw new IllegalArgumentException(
          bytes + " bytes cannot lie in one buffer, which holds at most 2^31 - 8");
    }
    return (bytes + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
  }

  /** Number of words. */
  public int count() {
    return count;
  }

  /** Check bytes beside each word. */
  public int checkBytes() {
    return checkBytes;
  }

  /** Number of bits, those of check bytes included. */
  public long bits() {
    return (8L + checkBytes) * count * Byte.SIZE;
  }

  /** The words' bytes: the memory itself. */
  public ByteBuffer bytes() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The check bytes: the memory itself. */
  public ByteBuffer checks() {
    return checks.duplicate().order(ByteOrder.LITTLE_ENDIAN).limit(count * checkBytes);
  }

  /** A word, as it is now. */
  public long get(int word) {
    return (long) LONG.getVolatile(data, word * Long.BYTES);
  }

  /** Writes a word. */
  public void set(int word, long value) {
    LONG.setVolatile(data, word * Long.BYTES, value);
  }

  /** Writes a word if it still is as expected; else does nothing and returns false. */
  public boolean replace(int word, long expected, long value) {
    return LONG.compareAndSet(data, word * Long.BYTES, expected, value);
  }

  /** Check byte k of a word, 0 to 255. */
  int check(int word, int k) {
    return checks.get(word * checkBytes + k) & 0xff;
  }

  void setCheck(int word, int k, int value) {
    checks.put(word * checkBytes + k, (byte) value);
  }

  /** Check bytes 8k to 8k + 7 of a word, for codes that have so many. */
  long checkLong(int word, int k) {
    return (long) LONG.getVolatile(checks, word * checkBytes + k * Long.BYTES);
  }

  void setCheckLong(int word, int k, long value) {
    LONG.setVolatile(checks, word * checkBytes + k * Long.BYTES, value);
  }

  /** Copies words out, at memory speed. */
  void read(int from, long[] into, int n) {
    longs.get(from, into, 0, n);
  }

  /** Copies words in, at memory speed, whatever they were. */
  void write(int from, long[] words, int n) {
    longs.put(from, words, 0, n);
  }

  /** Copies check bytes in, whatever they were. */
  void writeChecks(int from, byte[] bytes, int n) {
    checks.put(from * checkBytes, bytes, 0, n * checkBytes);
  }

  /** Copies check bytes out. */
  void readChecks(int from, byte[] into, int n) {
    checks.get(from * checkBytes, into, 0, n * checkBytes);
  }

  /**
   * Flips a bit, atomically.
   *
   * @param bit 0 to {@link #bits} - 1
   */
  public void flip(long bit) {
    long inData = (long) count * Long.SIZE;
    if (bit < 0 || bit >= bits()) {
      throw new IllegalArgumentException(
          "bit " + bit + " of memory that has bits 0 to " + (bits() - 1));
    }
    ByteBuffer memory = bit < inData ? data : checks;
    long at = bit < inData ? bit : bit - inData;
    int offset = (int) (at / Long.SIZE) * Long.BYTES;
    LONG.getAndBitwiseXor(memory, offset, 1L << (at % Long.SIZE));
  }

  /** Whether a bit is set; bits are those of {@link #flip}. */
  public boolean isSet(long bit) {
    long inData = (long) count * Long.SIZE;
    ByteBuffer memory = bit < inData ? data : checks;
    long at = bit < inData ? bit : bit - inData;
    long word = (long) LONG.getVolatile(memory, (int) (at / Long.SIZE) * Long.BYTES);
    return (word >>> (at % Long.SIZE) & 1) != 0;
  }
}
