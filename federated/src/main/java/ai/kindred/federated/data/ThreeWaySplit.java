package ai.kindred.federated.data;

import ai.kindred.core.data.KeyedPermutation;
import ai.kindred.core.kernel.Key;
import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Clients and examples kept apart to tell two gaps: between a client's training and held-out
 * examples, and between clients that take part and those that never do. All three are views of one
 * partition.
 *
 * @param training examples to train on, of the clients that take part
 * @param heldOut the other examples of the same clients, in the same order of clients
 * @param unparticipating examples of the clients that never train; without clients where none are
 *     kept apart
 * @see <a href="https://arxiv.org/abs/2110.14216">Yuan et al., What do we mean by generalization in
 *     federated learning?, 2022</a>
 */
public record ThreeWaySplit(Partition training, Partition heldOut, Partition unparticipating) {

  /**
   * How much is kept apart.
   *
   * @param unparticipating share of clients that never train, in [0, 1)
   * @param ratio training examples for one held-out example: a client with n examples holds out
   *     {@code ceil(n / (ratio + 1))}, so that one with a single example has none to train on
   * @param participating share of the other clients that do train, in (0, 1]
   * @param whole whether clients that never train are measured on all their examples, not on as
   *     many as they would hold out
   * @param most examples of a client in each part, or 0 for all
   */
  public record Shares(
      double unparticipating, int ratio, double participating, boolean whole, int most) {

    /** Checks the ranges. */
    public Shares {
      if (!(unparticipating >= 0 && unparticipating < 1)) {
        throw new IllegalArgumentException(
            "the share of clients that never train is at least 0 and below 1, not "
                + unparticipating);
      }
      if (!(participating > 0 && participating <= 1)) {
        throw new IllegalArgumentException(
            "the share of clients that train is above 0 and at most 1, not " + participating);
      }
      if (ratio < 1 || most < 0) {
        throw new IllegalArgumentException(
            "a split needs a ratio of at least 1 and a limit of at least 0, not %d and %d"
                .formatted(ratio, most));
      }
    }

    /** All clients train; each holds out a fifth of its examples. */
    public static Shares heldOutOnly() {
      return new Shares(0, 4, 1, false, 0);
    }

    /** The paper's: a fifth of the clients never trains, a fifth of examples is held out. */
    public static Shares threeWay() {
      return new Shares(0.2, 4, 1, false, 0);
    }
  }

  /**
   * Splits a partition.
   *
   * @throws IllegalArgumentException where no client is left to train
   */
  public static ThreeWaySplit of(Partition partition, Shares shares, Key key) {
    int clients = partition.clients();
    KeyedPermutation order = new KeyedPermutation(clients, key.fold("clients"));
    int apart = (int) Math.round(clients * shares.unparticipating());
    int training = (int) Math.round((clients - apart) * shares.participating());
    if (training < 1) {
      throw new IllegalArgumentException(
          "of %d clients none is left to train: %s".formatted(clients, shares));
    }
    Partition never = Partitions.only(partition, drawn(order, 0, apart));
    Partition always = Partitions.only(partition, drawn(order, apart, training));
    Key examples = key.fold("examples");
    int each = shares.ratio() + 1;
    IntUnaryOperator out = n -> (n + each - 1) / each;
    IntUnaryOperator outPlace = j -> j * each;
    Partition trained =
        new Partitions.Chosen(
            always,
            examples,
            limited(n -> n - out.applyAsInt(n), shares.most()),
            j -> j + j / shares.ratio() + 1);
    return new ThreeWaySplit(
        trained,
        new Partitions.Chosen(always, examples, limited(out, shares.most()), outPlace),
        shares.whole()
            ? new Partitions.Chosen(never, examples, limited(n -> n, shares.most()), j -> j)
            : new Partitions.Chosen(never, examples, limited(out, shares.most()), outPlace));
  }

  private static IntUnaryOperator limited(IntUnaryOperator sizes, int most) {
    return most == 0 ? sizes : n -> Math.min(most, sizes.applyAsInt(n));
  }

  private static int[] drawn(KeyedPermutation order, int from, int count) {
    int[] drawn = IntStream.range(from, from + count).map(i -> (int) order.at(i)).toArray();
    Arrays.sort(drawn);
    return drawn;
  }
}
