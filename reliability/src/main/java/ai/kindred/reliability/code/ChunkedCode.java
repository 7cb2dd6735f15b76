package ai.kindred.reliability.code;

import ai.kindred.reliability.code.DamageHandler.Damage;
import java.util.OptionalLong;

/**
 * Goes over words a {@link Chunk} at a time; only where a chunk has damage are single words looked
 * at.
 */
abstract class ChunkedCode implements WordCode {

  /** What was done to a word. */
  enum Outcome {
    INTACT,
    CORRECTED,
    DETECTED
  }

  /** Fills in {@link Chunk#damage}. */
  abstract void detect(Chunk chunk);

  /** Looks at one word of memory, repairs it by compare-and-set, tells the handler. */
  abstract Outcome examine(Words words, int word, DamageHandler handler);

  /** Encodes words that fit. */
  abstract void encode(Chunk chunk);

  /** Turns encoded words into plain ones. */
  abstract void restore(long[] words, int n);

  /** Whether {@link #fits} holds for every word. */
  boolean fit(long[] words) {
    for (long word : words) {
      if (!fits(word)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public final void encode(Words words) {
    require(words);
    Chunk chunk = new Chunk(checkBytes());
    for (int start = 0; start < words.count(); start += Chunk.WORDS) {
      chunk.read(words, start, Math.min(Chunk.WORDS, words.count() - start));
      if (!fit(chunk.words)) {
        throw new IllegalArgumentException(misfit(start, chunk));
      }
      encode(chunk);
      words.write(start, chunk.words, chunk.n);
      if (chunk.checks.length > 0) {
        words.writeChecks(start, chunk.checks, chunk.n);
      }
    }
  }

  private String misfit(int start, Chunk chunk) {
    int i = 0;
    while (fits(chunk.words[i])) {
      i++;
    }
    return misfit(start + i, chunk.words[i]);
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
    Repairs all = Repairs.NONE;
    for (int start = from; start < to; start += Chunk.WORDS) {
      chunk.read(words, start, Math.min(Chunk.WORDS, to - start));
      all = all.plus(repair(words, start, chunk, handler));
    }
    return all;
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
    for (int start = 0; start < words.count(); start += Chunk.WORDS) {
      chunk.read(words, start, Math.min(Chunk.WORDS, words.count() - start));
      all = all.plus(repair(words, start, chunk, handler));
      restore(chunk.words, chunk.n);
      plain.write(start, chunk.words, chunk.n);
    }
    return all;
  }

  /** Repairs the words of a chunk in memory, and takes them over into the chunk. */
  private Repairs repair(Words words, int start, Chunk chunk, DamageHandler handler) {
    detect(chunk);
    return chunk.isDamaged() ? examine(words, start, chunk, handler) : new Repairs(chunk.n, 0, 0);
  }

  private Repairs examine(Words words, int start, Chunk chunk, DamageHandler handler) {
    long corrected = 0;
    long detected = 0;
    for (int row = 0; row < Chunk.ROW; row++) {
      for (int i = row; chunk.damage[row] != 0 && i < chunk.n; i += Chunk.ROW) {
        if (chunk.damage(i) != 0) {
          Outcome outcome = examine(words, start + i, handler);
          corrected += outcome == Outcome.CORRECTED ? 1 : 0;
          detected += outcome == Outcome.DETECTED ? 1 : 0;
          chunk.words[i] = words.get(start + i);
        }
      }
    }
    return new Repairs(chunk.n, corrected, detected);
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
