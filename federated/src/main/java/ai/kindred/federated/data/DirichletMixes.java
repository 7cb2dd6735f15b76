package ai.kindred.federated.data;

import ai.kindred.core.data.KeyedPermutation;
import ai.kindred.core.kernel.Key;
import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.random.Well19937c;

/** Clients of equal size with label mixes of their own. */
final class DirichletMixes {

  private final int[] labels;
  private final double[] share;
  private final int[] left;

  private DirichletMixes(int[] labels) {
    this.labels = labels;
    int classes = Arrays.stream(labels).max().orElse(-1) + 1;
    this.left = new int[classes];
    for (int l : labels) {
      left[l]++;
    }
    this.share = Arrays.stream(left).mapToDouble(n -> (double) n / labels.length).toArray();
  }

  static Partition partition(int[] labels, int clients, double alpha, Key key) {
    return new DirichletMixes(Partitions.dense(labels)).dealt(clients, alpha, key);
  }

  private Partition dealt(int clients, double alpha, Key key) {
    int n = labels.length;
    int[][] waiting = waiting(key.fold("examples"));
    int[] rows = new int[n];
    int[] starts = new int[clients + 1];
    int at = 0;
    for (int c = 0; c < clients; c++) {
      Key own = key.fold(c);
      double[] logMix = logMix(alpha, own.fold("mix"));
      SplittableRandom random = own.fold("labels").random();
      int end = (int) ((long) (c + 1) * n / clients);
      double[] upTo = upTo(logMix);
      while (at < end) {
        int label = draw(upTo, random.nextDouble());
        rows[at++] = waiting[label][--left[label]];
        if (left[label] == 0) {
          upTo = upTo(logMix);
        }
      }
      starts[c + 1] = at;
    }
    return new Listed(rows, starts, List.of());
  }

  /** Each label's rows in random order. */
  private int[][] waiting(Key key) {
    int[][] waiting = new int[left.length][];
    Arrays.setAll(waiting, l -> new int[left[l]]);
    int[] filled = new int[left.length];
    KeyedPermutation order = new KeyedPermutation(labels.length, key);
    for (int i = 0; i < labels.length; i++) {
      int row = (int) order.at(i);
      waiting[labels[row]][filled[labels[row]]++] = row;
    }
    return waiting;
  }

  /**
   * Logarithms of a draw from Dirichlet(alpha share), up to a constant. A gamma variate of a small
   * shape a is too small for a double; its logarithm is that of a variate of shape a + 1 plus
   * log(u) / a.
   */
  private double[] logMix(double alpha, Key key) {
    SplittableRandom random = key.random();
    Well19937c source = new Well19937c(key.seed());
    double[] mix = new double[share.length];
    for (int l = 0; l < mix.length; l++) {
      double shape = alpha * share[l];
      double gamma = new GammaDistribution(source, shape + 1, 1).sample();
      mix[l] = Math.log(gamma) + Math.log(1 - random.nextDouble()) / shape;
    }
    return mix;
  }

  /** Cumulative weights of the labels that are left. */
  private double[] upTo(double[] logMix) {
    double most = Double.NEGATIVE_INFINITY;
    for (int l = 0; l < logMix.length; l++) {
      most = left[l] > 0 ? Math.max(most, logMix[l]) : most;
    }
    double[] upTo = new double[logMix.length];
    double sum = 0;
    for (int l = 0; l < logMix.length; l++) {
      sum += left[l] > 0 ? Math.exp(logMix[l] - most) : 0;
      upTo[l] = sum;
    }
    return upTo;
  }

  /** The first label whose cumulative weight is above u in [0, 1) of the whole. */
  private static int draw(double[] upTo, double u) {
    double target = u * upTo[upTo.length - 1];
    int label = 0;
    while (upTo[label] <= target) {
      label++;
    }
    return label;
  }
}
