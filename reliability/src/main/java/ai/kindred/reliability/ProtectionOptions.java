package ai.kindred.reliability;

import ai.kindred.reliability.fit.Format;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How a model is protected.
 *
 * @param formats what each layer may take; the one with the highest measured ratio of signal to
 *     noise is taken
 * @param reading how products read the weights
 * @param doubles what becomes of words that cannot be repaired
 */
public record ProtectionOptions(List<Format> formats, Reading reading, Doubles doubles) {

  /** Copies and checks. */
  public ProtectionOptions {
    formats = List.copyOf(formats);
    if (formats.isEmpty()) {
      throw new IllegalArgumentException("no format that layers may take; give at least one");
    }
    for (Format format : formats) {
      if (reading == Reading.IN_KERNEL && !format.readsInKernel()) {
        throw new IllegalArgumentException(
            format + " cannot be read in kernels; leave it out, or read from a working copy");
      }
    }
  }

  /**
   * No more memory for codes; means in place of double errors. From a working copy any format is
   * read as fast as another, so the best is taken; in kernels the one that they read as it is.
   */
  public static ProtectionOptions zeroSpace(Reading reading) {
    Set<Format> formats =
        reading == Reading.IN_KERNEL ? EnumSet.of(Format.CODEWORDS) : EnumSet.allOf(Format.class);
    formats.removeIf(f -> !f.isZeroSpace());
    return new ProtectionOptions(List.copyOf(formats), reading, Doubles.POSTERIOR_MEAN);
  }

  /** Check bits beside plain int8 weights: nothing is lost, 12.5 % more memory. */
  public static ProtectionOptions beside() {
    return new ProtectionOptions(List.of(Format.BESIDE), Reading.IN_KERNEL, Doubles.POSTERIOR_MEAN);
  }

  /** These options with another policy. */
  public ProtectionOptions withDoubles(Doubles other) {
    return new ProtectionOptions(formats, reading, other);
  }
}
