package ai.kindred.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.reliability.fault.Fault;
import ai.kindred.reliability.fault.FaultList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The case that the follow-up meant to measure, with its two faults undone. */
class Int4Test {

  private static final String NAME = "w";

  private static EncodedNetwork network(float[] w, String strategy) {
    return new EncodedNetwork(
        new EncodedNetworkTest.Weights(Map.of(NAME, w), 0), Strategy.named(strategy).get(0));
  }

  /** Weights that four bits hold exactly at a step of 1. */
  private static float[] whole(boolean oddSmall) {
    float[] w = new float[64];
    for (int i = 0; i < w.length; i++) {
      boolean small = oddSmall && i % 2 == 1 && i % 16 < 15;
      w[i] = small ? i % 8 - 4 : i % 15 - 7;
    }
    return w;
  }

  @Test
  void sevenOfSixteenWeightsPayForTheCode() {
    float[] w = whole(true);
    EncodedNetwork kept = network(w, "int4-in-place");
    assertThat(kept.weights(NAME)).isEqualTo(w);
    assertThat(kept.changed()).isZero();
    assertThat(kept.bits()).containsEntry(NAME, 4L * 64);
    float[] large = whole(false);
    assertThat(network(large, "int4-in-place").changed()).isPositive();
    // What is clamped is clamped to [-4, 3], not to the whole range as in the follow-up's code.
    float[] clamped = network(large, "int4-in-place").weights(NAME);
    float step = largestStep(clamped);
    for (int i = 0; i < clamped.length; i++) {
      if (i % 2 == 1 && i % 16 < 15) {
        assertThat(clamped[i] / step).isBetween(-4.001f, 3.001f);
      }
    }
  }

  private static float largestStep(float[] w) {
    float least = Float.MAX_VALUE;
    for (float x : w) {
      if (x != 0) {
        least = Math.min(least, Math.abs(x));
      }
    }
    return least;
  }

  @Test
  void everySingleFlipIsUndoneAndEveryBitCanFlip() {
    float[] w = whole(true);
    EncodedNetwork kept = network(w, "int4-in-place");
    EncodedNetwork bare = network(w, "int4-none");
    for (long bit = 0; bit < 4 * 64; bit++) {
      FaultList one = new FaultList(List.of(new Fault(NAME, bit, Fault.Kind.FLIP)));
      EncodedNetwork.Struck struck = kept.strike(one);
      assertThat(struck.corrected()).isOne();
      assertThat(struck.weights().weights(NAME)).isEqualTo(w);
      EncodedNetwork.Struck hit = bare.strike(one);
      assertThat(hit.wrong()).isOne();
      assertThat(hit.silent()).isOne();
      // Bit b of weight i: worth 2^b steps, the sign 8.
      int i = (int) bit / 4;
      assertThat(Math.abs(hit.weights().weights(NAME)[i] - w[i])).isEqualTo(1 << (bit % 4));
    }
  }

  @Test
  void scalesAreTheBestOfThoseTried() {
    float[] w = EncodedNetworkTest.drawn("int4", 4096);
    double fourBits = error(w, network(w, "int4-none").weights(NAME));
    double clamped = error(w, network(w, "int4-in-place").weights(NAME));
    double threeBits = error(w, network(w, "int3-56").weights(NAME));
    assertThat(fourBits).isLessThan(clamped);
    assertThat(clamped).isLessThan(threeBits);
    float max = 0;
    for (float x : w) {
      max = Math.max(max, Math.abs(x));
    }
    double atFullRange = 0;
    for (float x : w) {
      double d = x - Math.rint(x / (max / 7)) * (max / 7);
      atFullRange += d * d;
    }
    assertThat(fourBits).isLessThan(atFullRange);
  }

  private static double error(float[] w, float[] v) {
    double error = 0;
    for (int i = 0; i < w.length; i++) {
      error += (double) (w[i] - v[i]) * (w[i] - v[i]);
    }
    return error;
  }

  @Test
  void notANumberIsNamed() {
    float[] w = whole(true);
    w[5] = Float.NaN;
    assertThatThrownBy(() -> network(w, "int4-none"))
        .hasMessage("weight 5 of w is NaN; finite ones can be quantised");
    assertThatThrownBy(() -> Strategy.named("int4-in-place-mean"))
        .hasMessageContaining("weights of four bits have KEEP");
  }
}
