package ai.kindred.reliability.campaign;

/** How weights lie in memory, before check bits come to them. */
public interface Form {

  /** Bits a weight. */
  int bits();

  /**
   * Puts weights into this form.
   *
   * @throws IllegalArgumentException where the matrix cannot have it, saying why
   */
  Stored store(float[] weights, Matrix matrix);

  /** One matrix in memory, and the way back. */
  interface Stored {

    /** The bytes, whole words of eight. */
    byte[] bytes();

    /** The weights that bytes stand for, which may have changed since. */
    float[] read(byte[] bytes);

    /** How many weights are not what plain rounding to this many bits would have made. */
    long changed();
  }
}
