package ai.kindred.core.data;

import ai.kindred.core.kernel.Key;

/**
 * A random permutation of 0 to size-1 that is computed place by place, so that an order can be
 * entered anywhere without storing or replaying it: a Feistel network over the next power of four,
 * walked until it lands inside (J. Black and P. Rogaway, "Ciphers with arbitrary finite domains",
 * CT-RSA 2002). Under four steps a place on average.
 */
public final class KeyedPermutation {
  private static final int ROUNDS = 8;
  private final long size;
  private final int half;
  private final Key[] rounds = new Key[ROUNDS];

  /** The permutation of a size from 1 to 2^60 under a key. */
  public KeyedPermutation(long size, Key key) {
    if (size < 1 || size > 1L << 60) {
      throw new IllegalArgumentException("a permutation has a size from 1 to 2^60, not " + size);
    }
    this.size = size;
    int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(size - 1));
    this.half = (bits + 1) / 2;
    for (int r = 0; r < ROUNDS; r++) {
      rounds[r] = key.fold(r);
    }
  }

  /** What stands at a place, 0 to size-1. */
  public long at(long place) {
    if (place < 0 || place >= size) {
      throw new IndexOutOfBoundsException("place " + place + " of " + size);
    }
    long x = place;
    do {
      x = encrypt(x);
    } while (x >= size);
    return x;
  }

  private long encrypt(long x) {
    long mask = (1L << half) - 1;
    long left = x >>> half;
    long right = x & mask;
    for (Key round : rounds) {
      long next = left ^ (round.fold(right).bits() & mask);
      left = right;
      right = next;
    }
    return left << half | right;
  }
}
