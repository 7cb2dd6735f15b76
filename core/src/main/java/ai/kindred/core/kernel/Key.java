package ai.kindred.core.kernel;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * A random key: everything random is drawn from a key derived by name and index from a seed, never
 * from a shared generator, so a run gives the same result at any thread count and in any order of
 * evaluation.
 *
 * <pre>{@code
 * Key round = Key.of(seed).fold("round").fold(3);
 * SplittableRandom sampling = round.fold("cohort").random();
 * }</pre>
 *
 * @param bits the state of the key; two keys with equal bits give equal streams
 */
public record Key(long bits) {

  /** The root key of a seed. */
  public static Key of(long seed) {
    return new Key(mix(seed + GOLDEN_GAMMA));
  }

  /** The key of a purpose under this key. */
  public Key fold(String purpose) {
    long h = bits;
    for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
      h = mix(h ^ (b & 0xff)) + GOLDEN_GAMMA;
    }
    return new Key(mix(h ^ purpose.length()));
  }

  /** The key of an index (a round, a client, an example) under this key. */
  public Key fold(long index) {
    return new Key(mix(mix(bits + GOLDEN_GAMMA) ^ mix(index)));
  }

  /** A fresh generator at the start of this key's stream. */
  public SplittableRandom random() {
    return new SplittableRandom(bits);
  }

  /** A seed for a native generator: this key's bits without the sign. */
  public long seed() {
    return bits & Long.MAX_VALUE;
  }

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /** The finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
