package ai.kindred.federated.privacy;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.List;

/**
 * The noise of DP-FTRL (Kairouz et al. 2021, arXiv:2103.00039): noise on the running total of all
 * rounds' sums that grows with the logarithm of the rounds, not with their root.
 *
 * <p>Rounds are the leaves of a binary tree, and every complete node has noise of its own. The
 * total up to a round is told by the nodes that make it up. {@link Estimator#HONEST} takes each
 * node's own noise; {@link Estimator#EFFICIENT} (Honaker 2015, from below) averages it with what
 * the nodes under it say, best weighted, which costs no privacy and takes up to half of the
 * variance.
 *
 * <p>{@link #addTo} is called once a round with the round's sum, and adds what the total's noise
 * changes by: totals of what it returns have the tree's noise. Privacy is that of {@link
 * TreeAggregation}. Keeps up to log2(rounds) + 2 vectors of double. To restart the tree, make a new
 * one with another key.
 */
public final class TreeNoise {

  /** How a node's noise is told. */
  public enum Estimator {
    HONEST,
    EFFICIENT
  }

  /**
   * Where a tree stands, for resume.
   *
   * @param step rounds done
   * @param nodes the noises of the nodes that make up the total, the largest first
   */
  public record State(long step, List<double[]> nodes) {

    public State {
      nodes = List.copyOf(nodes);
      if (step < 0 || nodes.size() != Long.bitCount(step)) {
        throw new IllegalArgumentException(
            "a tree of " + step + " rounds does not have " + nodes.size() + " open nodes");
      }
    }
  }

  private final int size;
  private final double deviation;
  private final Estimator estimator;
  private final Key key;
  private final List<double[]> nodes;
  private long step;

  /**
   * A new tree.
   *
   * @param size numbers in a sum
   * @param deviation a node's standard deviation: noise multiplier times clipping norm
   * @param key of this tree alone
   */
  public TreeNoise(int size, double deviation, Estimator estimator, Key key) {
    this(size, deviation, estimator, key, new State(0, List.of()));
  }

  /** A tree that goes on, to the same bits; all but the state as it was made. */
  public TreeNoise(int size, double deviation, Estimator estimator, Key key, State state) {
    for (double[] node : state.nodes()) {
      if (node.length != size) {
        throw new IllegalArgumentException(
            "a node of " + node.length + " numbers in a tree of " + size);
      }
    }
    this.size = size;
    this.deviation = deviation;
    this.estimator = estimator;
    this.key = key;
    this.nodes = new ArrayList<>(state.nodes());
    this.step = state.step();
  }

  /** Where the tree stands. The vectors are not written over later. */
  public State state() {
    return new State(step, nodes);
  }

  /**
   * Goes one round on.
   *
   * @param sum the round's sum, to which is added what the total's noise changes by
   */
  public void addTo(double[] sum) {
    if (sum.length != size) {
      throw new IllegalArgumentException(
          "a sum of " + sum.length + " numbers in a tree of " + size);
    }
    for (double[] node : nodes) {
      plus(sum, node, -1);
    }
    double[] node = fresh(0);
    double variance = 1; // of the node, in squared deviations
    for (int height = 0; (step >> height & 1) == 1; height++) {
      double[] left = nodes.remove(nodes.size() - 1);
      double[] own = fresh(height + 1);
      if (estimator == Estimator.EFFICIENT) {
        double share = 2 * variance / (2 * variance + 1);
        for (int i = 0; i < size; i++) {
          own[i] = share * own[i] + (1 - share) * (left[i] + node[i]);
        }
        variance = share;
      }
      node = own;
    }
    nodes.add(node);
    step++;
    for (double[] open : nodes) {
      plus(sum, open, 1);
    }
  }

  private double[] fresh(int height) {
    double[] noise = new double[size];
    GaussianNoise.add(noise, deviation, key.fold(height).fold(step >> height));
    return noise;
  }

  private static void plus(double[] sum, double[] node, int sign) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += sign * node[i];
    }
  }
}
