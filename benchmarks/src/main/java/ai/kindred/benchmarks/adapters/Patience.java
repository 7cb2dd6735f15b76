package ai.kindred.benchmarks.adapters;

import java.util.ArrayList;
import java.util.List;

/**
 * How often a workload measures: in rounds, one of each thing that is compared, so that a machine
 * that slows down slows all of them; until there are enough or the time is over, once at least.
 *
 * @param rounds at most
 * @param seconds after which no new round begins
 */
record Patience(int rounds, double seconds) {

  /** Runs rounds; the time counts from here. */
  void rounds(Runnable round) {
    long start = System.nanoTime();
    for (int i = 0; i < rounds && (i == 0 || since(start) < seconds); i++) {
      round.run();
    }
  }

  /** Seconds of each of several pieces of work, in turns, after one turn that is not counted. */
  List<List<Double>> inTurns(List<Runnable> works) {
    works.forEach(Runnable::run);
    List<List<Double>> all = new ArrayList<>();
    works.forEach(work -> all.add(new ArrayList<>()));
    rounds(
        () -> {
          for (int i = 0; i < works.size(); i++) {
            long start = System.nanoTime();
            works.get(i).run();
            all.get(i).add(since(start));
          }
        });
    return all;
  }

  static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  /** The median of the rounds' ratios. */
  static double ratio(List<Double> seconds, List<Double> toSeconds) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < seconds.size(); i++) {
      ratios.add(seconds.get(i) / toSeconds.get(i));
    }
    return median(ratios);
  }
}
