package ai.kindred.federated.server;

import ai.kindred.federated.Merge;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Merges that a few bad answers cannot move far. They ignore weights: a client that lies about its
 * answer lies about its size too.
 */
public sealed interface RobustMerge extends Merge {

  /** The median of each number (Yin et al., 2018); the mean of the middle two for even counts. */
  record Median() implements RobustMerge {

    @Override
    public INDArray merge(List<INDArray> answers, double[] weights) {
      INDArray sorted = sorted(answers);
      int n = answers.size();
      INDArray high = sorted.getRow(n / 2);
      return n % 2 == 1 ? high.dup() : sorted.getRow(n / 2 - 1).add(high).muli(0.5);
    }
  }

  /**
   * The mean of each number without its largest and smallest (Yin et al., 2018).
   *
   * @param share of answers left out at either end, in [0, 0.5); rounded down to whole answers
   */
  record TrimmedMean(double share) implements RobustMerge {

    /** Checks the share. */
    public TrimmedMean {
      if (!(share >= 0 && share < 0.5)) {
        throw new IllegalArgumentException(
            "the share trimmed at either end is at least 0 and below 0.5, not " + share);
      }
    }

    @Override
    public INDArray merge(List<INDArray> answers, double[] weights) {
      INDArray sorted = sorted(answers);
      int n = answers.size();
      int cut = (int) (share * n);
      INDArray sum = sorted.getRow(cut).dup();
      for (int i = cut + 1; i < n - cut; i++) {
        sum.addi(sorted.getRow(i));
      }
      return sum.divi(n - 2.0 * cut);
    }
  }

  /**
   * Krum (Blanchard et al., 2017): the answer nearest to its {@code n - hostile - 2} nearest
   * others, by summed squared distances; or the mean of the {@code keep} best of these
   * (Multi-Krum).
   *
   * @param hostile how many bad answers are allowed for, 0 or more
   * @param keep 0 for the one best answer
   */
  record Krum(int hostile, int keep) implements RobustMerge {

    /** Checks the counts. */
    public Krum {
      if (hostile < 0 || keep < 0) {
        throw new IllegalArgumentException(
            "Krum's counts are at least 0, not hostile %d, keep %d".formatted(hostile, keep));
      }
    }

    @Override
    public INDArray merge(List<INDArray> answers, double[] weights) {
      int n = answers.size();
      double[] scores = scores(answers);
      Integer[] order = new Integer[n];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (i, j) -> Double.compare(scores[i], scores[j]));
      int take = Math.max(1, Math.min(keep, n));
      INDArray sum = answers.get(order[0]).dup();
      for (int i = 1; i < take; i++) {
        sum.addi(answers.get(order[i]));
      }
      return sum.divi(take);
    }

    private double[] scores(List<INDArray> answers) {
      int n = answers.size();
      double[][] squares = new double[n][n];
      for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
          double distance = answers.get(i).distance2(answers.get(j));
          squares[i][j] = distance * distance;
          squares[j][i] = squares[i][j];
        }
      }
      int nearest = Math.max(1, n - hostile - 2);
      double[] scores = new double[n];
      for (int i = 0; i < n; i++) {
        double[] others = new double[n - 1];
        for (int j = 0, k = 0; j < n; j++) {
          if (j != i) {
            others[k++] = squares[i][j];
          }
        }
        Arrays.sort(others);
        for (int k = 0; k < Math.min(nearest, others.length); k++) {
          scores[i] += others[k];
        }
      }
      return scores;
    }
  }

  /** The answers as rows, each column sorted upwards. */
  private static INDArray sorted(List<INDArray> answers) {
    INDArray rows = Nd4j.vstack(answers.toArray(INDArray[]::new));
    return Nd4j.sort(rows, 0, true);
  }
}
