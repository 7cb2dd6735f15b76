package ai.kindred.reliability.code;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Three copies and a vote a bit (von Neumann, 1956; Lyons and Vanderkulk, 1962): two more words
 * beside each, 200 % more memory. A bit is lost only where two of its copies flip, and then without
 * a trace.
 */
public final class TripleModularRedundancy extends ChunkedCode {

  /** Its name. */
  public static final String NAME = "triple redundancy";

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int checkBytes() {
    return 2 * Long.BYTES;
  }

  @Override
  public boolean fits(long plain) {
    return true;
  }

  @Override
  public long restore(long encoded) {
    return encoded;
  }

  @Override
  void restore(long[] words, int n) {}

  @Override
  void encode(Chunk chunk) {
    for (int i = 0; i < chunk.n; i++) {
      LONG.set(chunk.checks, 16 * i, chunk.words[i]);
      LONG.set(chunk.checks, 16 * i + 8, chunk.words[i]);
    }
  }

  private static void copy(Words words, int word, long value) {
    words.setCheckLong(word, 0, value);
    words.setCheckLong(word, 1, value);
  }

  @Override
  void detect(Chunk chunk) {
    for (int i = 0; i < Chunk.WORDS; i++) {
      long w = chunk.words[i];
      long differs = (w ^ at(chunk.checks, 16 * i)) | (w ^ at(chunk.checks, 16 * i + 8));
      chunk.scratch[i] = differs == 0 ? 0 : 1;
    }
    chunk.pack(chunk.scratch);
  }

  private static long at(byte[] bytes, int i) {
    return (long) LONG.get(bytes, i);
  }

  @Override
  Outcome examine(Words words, int word, DamageHandler handler) {
    while (true) {
      long a = words.get(word);
      long b = words.checkLong(word, 0);
      long c = words.checkLong(word, 1);
      if (a == b && a == c) {
        return Outcome.INTACT;
      }
      long majority = (a & b) | (a & c) | (b & c);
      if (rewrite(words, word, a, majority)) {
        handler.corrected(word, a ^ majority);
        return Outcome.CORRECTED;
      }
    }
  }

  @Override
  boolean rewrite(Words words, int word, long stored, long plain) {
    if (!words.replace(word, stored, plain)) {
      return false;
    }
    copy(words, word, plain);
    return true;
  }
}
