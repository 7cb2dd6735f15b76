package ai.kindred.reliability.campaign;

import ai.kindred.reliability.fit.Fitted;
import ai.kindred.reliability.fit.Format;
import java.util.Arrays;

/**
 * A byte a weight, in a format of {@link Format}. A matrix with one scale in all lies in memory as
 * one row, filled up with zeros to whole words, as the authors' code has it; rows with scales of
 * their own have whole words each.
 */
record Int8(Format format) implements Form {

  private static final int WORD = 8;

  @Override
  public int bits() {
    return Byte.SIZE;
  }

  @Override
  public Stored store(float[] weights, Matrix matrix) {
    if (matrix.isWhole() && format == Format.PERMUTED) {
      throw new IllegalArgumentException(
          matrix.name()
              + " has one scale in all, and "
              + format
              + " reorders the inputs of rows with scales of their own");
    }
    if (!matrix.isWhole() && matrix.perScale() % WORD != 0) {
      throw new IllegalArgumentException(
          matrix.name()
              + " has rows of "
              + matrix.perScale()
              + " with a scale each; rows of a multiple of "
              + WORD
              + " have whole words");
    }
    int in = (matrix.perScale() + WORD - 1) / WORD * WORD;
    float[] filled = matrix.isWhole() ? Arrays.copyOf(weights, in) : weights;
    Fitted fitted =
        matrix.step() > 0
            ? Fitted.of(filled, in, format, matrix.step())
            : Fitted.of(filled, in, format);
    return new InBytes(fitted, matrix.size());
  }

  private record InBytes(Fitted fitted, int size) implements Stored {

    @Override
    public byte[] bytes() {
      return fitted.values();
    }

    @Override
    public float[] read(byte[] bytes) {
      float[] w = fitted.withValues(bytes).dequantised();
      return w.length == size ? w : Arrays.copyOf(w, size);
    }

    @Override
    public long changed() {
      return fitted.changed();
    }
  }
}
