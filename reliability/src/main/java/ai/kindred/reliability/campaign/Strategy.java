package ai.kindred.reliability.campaign;

import ai.kindred.reliability.Doubles;
import ai.kindred.reliability.code.Bch78;
import ai.kindred.reliability.code.InPlaceSecded56;
import ai.kindred.reliability.code.InPlaceSecded57;
import ai.kindred.reliability.code.NeighbourAverage;
import ai.kindred.reliability.code.ParityZero;
import ai.kindred.reliability.code.Secded72;
import ai.kindred.reliability.code.TripleModularRedundancy;
import ai.kindred.reliability.code.WordCode;
import ai.kindred.reliability.fit.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A way of keeping weights.
 *
 * @param name as in tables and on the command line
 * @param form how weights lie in memory
 * @param code what watches over them
 * @param doubles what becomes of damage that the code sees and cannot undo; where weights have four
 *     bits, {@link Doubles#KEEP} or {@link Doubles#ZERO}
 * @param trained whether the weights are those of a network trained to fit
 */
public record Strategy(String name, Form form, WordCode code, Doubles doubles, boolean trained) {

  /** Plain int8: what all others are compared with. */
  public static final String NONE = "none";

  /** The conventional code beside the data. */
  public static final String BESIDE = "secded-72";

  /** The paper's. */
  public static final String QATT = "qatt";

  /** The trivial way to make words fit. */
  public static final String INT7 = "int7-56";

  private static final String MEAN = "-mean";
  private static final Map<String, Strategy> KNOWN = known();

  /** Checks the policy. */
  public Strategy {
    if (form.bits() != Byte.SIZE && doubles != Doubles.KEEP && doubles != Doubles.ZERO) {
      throw new IllegalArgumentException(
          name + ": " + doubles + " takes words for eight weights; weights of four bits have KEEP");
    }
  }

  /** Check bits over the bits of weights: 0.125 is an eighth more memory. */
  public double space() {
    return (double) code.checkBytes() / Long.BYTES;
  }

  /** Memory a weight, check bits included. */
  public double bitsPerWeight() {
    return form.bits() * (1 + space());
  }

  private static Map<String, Strategy> known() {
    Map<String, Strategy> known = new LinkedHashMap<>();
    Form plain = new Int8(Format.BESIDE);
    Form clamped = new Int8(Format.CLAMPED);
    Form int7 = new Int8(Format.INT7);
    add(known, NONE, plain, new Unprotected());
    add(known, "parity-zero", plain, new ParityZero());
    add(known, "neighbour-average", plain, new NeighbourAverage());
    add(known, BESIDE, plain, new Secded72());
    add(known, "bch", plain, new Bch78());
    add(known, "tmr", plain, new TripleModularRedundancy());
    known.put(QATT, new Strategy(QATT, clamped, new InPlaceSecded57(), Doubles.KEEP, true));
    add(known, "clamped", clamped, Format.CLAMPED.code());
    add(known, "permuted", new Int8(Format.PERMUTED), Format.PERMUTED.code());
    add(known, "int7-57", int7, new InPlaceSecded57());
    add(known, INT7, int7, new InPlaceSecded56());
    add(known, "half-step", new Int8(Format.HALF_STEP), Format.HALF_STEP.code());
    add(known, "flagged", new Int8(Format.FLAGGED), Format.FLAGGED.code());
    add(known, "int4-none", new Int4(Int4.Small.NONE), new Unprotected());
    add(known, "int4-secded-72", new Int4(Int4.Small.NONE), new Secded72());
    add(known, "int4-in-place", new Int4(Int4.Small.SEVEN), new InPlaceSecded57());
    add(known, "int3-56", new Int4(Int4.Small.ALL), new InPlaceSecded56());
    return known;
  }

  private static void add(Map<String, Strategy> known, String name, Form form, WordCode code) {
    known.put(name, new Strategy(name, form, code, Doubles.KEEP, false));
  }

  /** The names that {@link #named} takes. */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  /**
   * Strategies by name, with commas between. Damage beyond repair is kept, as the authors do; a
   * name that ends in {@code -mean} puts the posterior mean in its place.
   *
   * @throws IllegalArgumentException naming one that is not known, and those that are
   */
  public static List<Strategy> named(String list) {
    List<Strategy> found = new ArrayList<>();
    for (String name : Arrays.asList(list.split(",", -1))) {
      Strategy whole = KNOWN.get(name);
      if (whole == null && name.endsWith(MEAN)) {
        Strategy of = KNOWN.get(name.substring(0, name.length() - MEAN.length()));
        whole =
            of == null
                ? null
                : new Strategy(name, of.form, of.code, Doubles.POSTERIOR_MEAN, of.trained);
      }
      if (whole == null) {
        throw new IllegalArgumentException(
            "no strategy is called '"
                + name
                + "'; there are "
                + String.join(", ", names())
                + ", and for int8 each with "
                + MEAN
                + " at its end");
      }
      if (found.contains(whole)) {
        throw new IllegalArgumentException("the strategy '" + name + "' is named twice");
      }
      found.add(whole);
    }
    return found;
  }
}
