package ai.kindred.federated;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Which clients take part in a round. The draw depends on the round's key alone. */
@FunctionalInterface
public interface Sampling {

  /**
   * Draws a cohort.
   *
   * @param round from 0
   * @param clients how many there are
   * @param key the round's
   * @return different clients, each at least 0 and below {@code clients}
   */
  List<Integer> draw(long round, int clients, Key key);

  /**
   * A fixed number of clients, each set as likely as another.
   *
   * @param cohort at least 1; all clients where there are not as many
   */
  static Sampling uniform(int cohort) {
    requireCohort(cohort);
    return (round, clients, key) -> {
      SplittableRandom random = key.random();
      if (cohort >= clients) {
        return IntStream.range(0, clients).boxed().toList();
      }
      // Floyd's method: work and memory go with the cohort, not with the population.
      Set<Integer> drawn = new LinkedHashSet<>();
      for (int i = clients - cohort; i < clients; i++) {
        int candidate = random.nextInt(i + 1);
        drawn.add(drawn.contains(candidate) ? i : candidate);
      }
      int[] order = drawn.stream().mapToInt(c -> c).toArray();
      Shuffle.shuffle(order, random);
      return Arrays.stream(order).boxed().toList();
    };
  }

  /**
   * Each client by itself with the same probability, as the accountants of differential privacy
   * assume; a cohort may be empty.
   *
   * @param rate in (0, 1]
   */
  static Sampling poisson(double rate) {
    if (!(rate > 0 && rate <= 1)) {
      throw new IllegalArgumentException("a sampling rate is above 0 and at most 1, not " + rate);
    }
    return (round, clients, key) -> {
      SplittableRandom random = key.random();
      List<Integer> drawn = new ArrayList<>();
      if (rate == 1) {
        return IntStream.range(0, clients).boxed().toList();
      }
      // The gaps between clients that are drawn are geometric.
      double scale = Math.log1p(-rate);
      double at = -1;
      while (true) {
        at += 1 + Math.floor(Math.log(1 - random.nextDouble()) / scale);
        if (at >= clients) {
          return drawn;
        }
        drawn.add((int) at);
      }
    };
  }

  /**
   * A fixed number of different clients, one after the other with probability by weight among those
   * left.
   *
   * @param weight of a client, at least 0
   */
  static Sampling weighted(int cohort, IntToDoubleFunction weight) {
    requireCohort(cohort);
    return (round, clients, key) -> {
      SplittableRandom random = key.random();
      // The smallest exponential clocks (Efraimidis and Spirakis, 2006).
      double[] clock = new double[clients];
      int able = 0;
      for (int c = 0; c < clients; c++) {
        double w = weight.applyAsDouble(c);
        if (!(w >= 0 && w < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              "the sampling weight of client %d is %s; it is finite and at least 0"
                  .formatted(c, w));
        }
        double u = random.nextDouble();
        clock[c] = w == 0 ? Double.POSITIVE_INFINITY : -Math.log(1 - u) / w;
        able += w > 0 ? 1 : 0;
      }
      Integer[] order = new Integer[clients];
      Arrays.setAll(order, i -> i);
      Arrays.sort(order, (a, b) -> Double.compare(clock[a], clock[b]));
      return List.of(order).subList(0, Math.min(cohort, able));
    };
  }

  /**
   * A fixed number of clients that come back as late as possible: all take their turn, in an order
   * drawn anew for each pass, before one comes again. Follow rounds one after the other.
   */
  static Sampling minimumReuse(int cohort, Key seed) {
    requireCohort(cohort);
    return (round, clients, key) -> {
      int each = Math.min(cohort, clients);
      long first = Math.multiplyExact(round, (long) each);
      Set<Integer> drawn = new LinkedHashSet<>();
      long pass = first / clients;
      int[] order = order(seed.fold("pass").fold(pass), clients);
      for (long at = first; drawn.size() < each; at++) {
        if (at / clients != pass) {
          pass = at / clients;
          order = order(seed.fold("pass").fold(pass), clients);
        }
        drawn.add(order[(int) (at % clients)]);
      }
      return List.copyOf(drawn);
    };
  }

  private static int[] order(Key key, int clients) {
    int[] order = IntStream.range(0, clients).toArray();
    Shuffle.shuffle(order, key.random());
    return order;
  }

  private static void requireCohort(int cohort) {
    if (cohort < 1) {
      throw new IllegalArgumentException("a cohort has at least 1 client, not " + cohort);
    }
  }
}
