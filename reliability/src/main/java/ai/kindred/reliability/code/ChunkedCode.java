package ai.kindred.reliability.code;

import ai.kindred.reliability.code.DamageHandler.Damage;
import java.util.OptionalLong;

/**
 * Goes over words a chunk at a time: a copy of the chunk, small enough for the first cache, is
 * checked by loops without branches, which compilers turn into vector instructions; only where a
 * chunk has damage are single words looked at.
 */
abstract class ChunkedCode implements WordCode {

  /** Words a chunk; 64 would be better from an error in 10^4 bits on. */
  private static final int CHUNK = 512;

  /** What was done to a word. */
  enum Outcome {
    INTACT,
    CORRECTED,
    DETECTED
  }

  /** A chunk's copy and what was found in it. */
  static final class Chunk {
    final long[] words = new long[CHUNK];
    final long[] syndromes = new long[CHUNK];
    final byte[] checks;
    int n;

    private Chunk(int checkBytes) {
      checks = new byte[CHUNK * checkBytes];
    }
  }

  /** Fills in a syndrome for each word of a chunk: 0 for one without damage. */
  abstract void detect(Chunk chunk);

  /** Looks at one word of memory, repairs it by compare-and-set, tells the handler. */
  abstract Outcome examine(Words words, int word, DamageHandler handler);

  /** Encodes one word that fits. */
  abstract void encode(Words words, int word);

  /** Turns encoded words into plain ones. */
  abstract void restore(long[] words, int n);

  @Override
  public final void encode(Words words) {
    require(words);
    for (int i = 0; i < words.count(); i++) {
      if (!fits(words.get(i))) {
        throw new IllegalArgumentException(misfit(i, words.get(i)));
      }
      encode(words, i);
    }
  }

  private String misfit(int word, long plain) {
    StringBuilder weights = new StringBuilder();
    for (int b = 0; b < 8; b++) {
      weights.append(b == 0 ? "" : ", ").append((byte) (plain >>> (8 * b)));
    }
    return "word " + word + " does not fit " + name() + ": its weights are " + weights;
  }

  @Override
  public final Repairs repair(Words words, int from, int to, DamageHandler handler) {
    require(words);
    Chunk chunk = new Chunk(checkBytes());
    long corrected = 0;
    long detected = 0;
    for (int start = from; start < to; start += CHUNK) {
      chunk.n = Math.min(CHUNK, to - start);
      if (isDamaged(words, start, chunk)) {
        for (int i = 0; i < chunk.n; i++) {
          if (chunk.syndromes[i] != 0) {
            Outcome outcome = examine(words, start + i, handler);
            corrected += outcome == Outcome.CORRECTED ? 1 : 0;
            detected += outcome == Outcome.DETECTED ? 1 : 0;
          }
        }
      }
    }
    return new Repairs(Math.max(0, to - from), corrected, detected);
  }

  @Override
  public final Repairs decode(Words words, Words plain, DamageHandler handler) {
    require(words);
    if (plain.count() != words.count()) {
      throw new IllegalArgumentException(
          words.count() + " words cannot be decoded into " + plain.count());
    }
    Chunk chunk = new Chunk(checkBytes());
    Repairs all = Repairs.NONE;
    for (int start = 0; start < words.count(); start += CHUNK) {
      chunk.n = Math.min(CHUNK, words.count() - start);
      if (isDamaged(words, start, chunk)) {
        all = all.plus(repair(words, start, start + chunk.n, handler));
        words.read(start, chunk.words, chunk.n);
      } else {
        all = all.plus(new Repairs(chunk.n, 0, 0));
      }
      restore(chunk.words, chunk.n);
      plain.write(start, chunk.words, chunk.n);
    }
    return all;
  }

  private boolean isDamaged(Words words, int start, Chunk chunk) {
    words.read(start, chunk.words, chunk.n);
    if (chunk.checks.length > 0) {
      words.readChecks(start, chunk.checks, chunk.n);
    }
    detect(chunk);
    return or(chunk.syndromes, chunk.n) != 0;
  }

  private static long or(long[] syndromes, int n) {
    long any = 0;
    for (int i = 0; i < n; i++) {
      any |= syndromes[i];
    }
    return any;
  }

  private void require(Words words) {
    if (words.checkBytes() != checkBytes()) {
      throw new IllegalArgumentException(
          name()
              + " needs "
              + checkBytes()
              + " check bytes a word; this memory has "
              + words.checkBytes());
    }
  }

  /** What to do with a word that cannot be repaired: ask, and write the answer if there is one. */
  final boolean settled(
      Words words, int word, long stored, long[] candidates, DamageHandler handler) {
    OptionalLong answer = handler.uncorrectable(new Damage(word, restore(stored), candidates));
    if (answer.isEmpty()) {
      return true;
    }
    if (!fits(answer.getAsLong())) {
      throw new IllegalArgumentException(misfit(word, answer.getAsLong()));
    }
    return rewrite(words, word, stored, answer.getAsLong());
  }

  /** Replaces a word by eight weights, encoded, if it still is as it was. */
  abstract boolean rewrite(Words words, int word, long stored, long plain);

  @Override
  public final String toString() {
    return name();
  }
}
