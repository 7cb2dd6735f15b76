package ai.kindred.reliability.code;

/** A parity bit a weight, eight of them in a byte beside the word: what two baselines share. */
abstract class ParityCode extends ChunkedCode {

  private static final long LOW = 0x0101010101010101L;

  /** Gathers bit 0 of byte b into bit 56 + b. */
  private static final long GATHER = 0x0102040810204080L;

  @Override
  public final int checkBytes() {
    return 1;
  }

  @Override
  public final boolean fits(long plain) {
    return true;
  }

  @Override
  public final long restore(long encoded) {
    return encoded;
  }

  @Override
  final void restore(long[] words, int n) {}

  /** Bit b is the parity of byte b. */
  private static int parities(long w) {
    long v = w ^ w >>> 4;
    v ^= v >>> 2;
    v ^= v >>> 1;
    return (int) (((v & LOW) * GATHER) >>> 56);
  }

  @Override
  final void encode(Chunk chunk) {
    for (int i = 0; i < chunk.n; i++) {
      chunk.checks[i] = (byte) parities(chunk.words[i]);
    }
  }

  @Override
  final void detect(Chunk chunk) {
    parities(chunk.words, chunk.scratch);
    for (int i = 0; i < Chunk.WORDS; i++) {
      chunk.scratch[i] ^= chunk.checks[i] & 0xff;
    }
    chunk.pack(chunk.scratch);
  }

  private static void parities(long[] words, long[] parities) {
    for (int i = 0; i < Chunk.WORDS; i++) {
      parities[i] = parities(words[i]);
    }
  }

  @Override
  final Outcome examine(Words words, int word, DamageHandler handler) {
    while (true) {
      long stored = words.get(word);
      int odd = parities(stored) ^ words.check(word, 0);
      if (odd == 0) {
        return Outcome.INTACT;
      }
      long guessed = stored;
      for (int b = 0; b < 8; b++) {
        if ((odd >> b & 1) != 0) {
          long weight = guess(words, stored, word, b) & 0xffL;
          guessed = (guessed & ~(0xffL << (8 * b))) | weight << (8 * b);
        }
      }
      if (rewrite(words, word, stored, guessed)) {
        return Outcome.DETECTED;
      }
    }
  }

  /** What takes the place of weight b of a word. */
  abstract int guess(Words words, long stored, int word, int b);

  @Override
  final boolean rewrite(Words words, int word, long stored, long plain) {
    if (!words.replace(word, stored, plain)) {
      return false;
    }
    words.setCheck(word, 0, parities(plain));
    return true;
  }
}
