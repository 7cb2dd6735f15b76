package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.metrics.Interval;
import ai.kindred.core.metrics.PairedPermutation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.inference.AlternativeHypothesis;
import org.apache.commons.math3.stat.inference.BinomialTest;

/**
 * One method against another on the same held-out instances, as tables 2 and 3 of the MoDE paper
 * set them side by side.
 *
 * @param first the one whose wins are counted
 * @param difference first - second in points, every task's mean the same weight; seeds and
 *     instances drawn anew
 * @param ofLoss the same of held-out losses, in nats a token: below zero the first is better
 * @param byInstance p of the two-sided sign-flip test over instances, each the mean over seeds
 * @param byTask p of the two-sided sign-flip test over tasks, each the mean over seeds and
 *     instances
 * @param wins tasks on which the first is better
 * @param ties tasks on which both are the same
 * @param losses the rest
 * @param chance p of so many wins or more among the tasks that are no ties, by fair coins
 */
record Duel(
    String first,
    String second,
    Interval difference,
    Interval ofLoss,
    double byInstance,
    double byTask,
    int wins,
    int ties,
    int losses,
    double chance) {

  private static final int PATTERNS = 5000;

  /** Means that are equal on paper differ by rounding. */
  private static final double ROUNDING = 1e-9;

  /**
   * Compares; where one method has one seed (a model that was not trained) it is set against each
   * seed of the other.
   */
  static Duel of(Measured first, Measured second, List<String> tasks, Key key) {
    List<double[][]> differences = differences(first, second, tasks);
    List<double[][]> ofLoss = differences(first.byLoss(), second.byLoss(), tasks);
    int instances = differences.stream().mapToInt(d -> d[0].length).sum();
    double[] weighted = new double[instances];
    double[] means = new double[tasks.size()];
    int at = 0;
    for (int t = 0; t < means.length; t++) {
      double[][] task = differences.get(t);
      // So weighted that the plain mean of all is the mean over tasks.
      double weight = (double) instances / ((double) means.length * task[0].length);
      for (int i = 0; i < task[0].length; i++) {
        double over = 0;
        for (double[] seed : task) {
          over += seed[i] / task.length;
        }
        weighted[at++] = weight * over;
        means[t] += over / task[0].length;
      }
    }
    PairedPermutation test = new PairedPermutation(PATTERNS, key.fold("permutation"));
    int wins = (int) Arrays.stream(means).filter(m -> m > ROUNDING).count();
    int losses = (int) Arrays.stream(means).filter(m -> m < -ROUNDING).count();
    return new Duel(
        first.method(),
        second.method(),
        CrossedBootstrap.of(key.fold("bootstrap"))
            .mean(differences, CrossedBootstrap.Weighting.BY_TASK),
        CrossedBootstrap.of(key.fold("loss")).mean(ofLoss, CrossedBootstrap.Weighting.BY_TASK),
        test.test(weighted).twoSided(),
        test.test(means).twoSided(),
        wins,
        means.length - wins - losses,
        losses,
        chance(wins, losses));
  }

  private static List<double[][]> differences(Measured first, Measured second, List<String> tasks) {
    return tasks.stream().map(task -> minus(first.task(task), second.task(task))).toList();
  }

  /** The probability of so many wins or more by fair coins. */
  static double chance(int wins, int losses) {
    return wins + losses == 0
        ? 1
        : new BinomialTest()
            .binomialTest(wins + losses, wins, 0.5, AlternativeHypothesis.GREATER_THAN);
  }

  private static double[][] minus(double[][] first, double[][] second) {
    int seeds = Math.max(first.length, second.length);
    if ((first.length != seeds && first.length != 1)
        || (second.length != seeds && second.length != 1)) {
      throw new IllegalStateException(
          "methods of " + first.length + " and " + second.length + " seeds cannot be paired");
    }
    double[][] differences = new double[seeds][first[0].length];
    for (int s = 0; s < seeds; s++) {
      double[] a = first[first.length == 1 ? 0 : s];
      double[] b = second[second.length == 1 ? 0 : s];
      for (int i = 0; i < a.length; i++) {
        differences[s][i] = a[i] - b[i];
      }
    }
    return differences;
  }

  /** Percent of tasks won, a tie half a win. */
  double winRate() {
    return 100 * (wins + 0.5 * ties) / (wins + ties + losses);
  }

  /** For {@code results.json}. */
  Map<String, Object> figures() {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("first", first);
    row.put("second", second);
    row.put("difference", difference.estimate());
    row.put("low", difference.low());
    row.put("high", difference.high());
    row.put("loss_difference", ofLoss.estimate());
    row.put("loss_low", ofLoss.low());
    row.put("loss_high", ofLoss.high());
    row.put("p_instances", byInstance);
    row.put("p_tasks", byTask);
    row.put("wins", wins);
    row.put("ties", ties);
    row.put("losses", losses);
    row.put("win_rate", winRate());
    row.put("p_wins", chance);
    return row;
  }
}
