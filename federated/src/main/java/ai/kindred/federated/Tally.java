package ai.kindred.federated;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what happens in a round; for several threads at once. */
final class Tally {

  private enum Fate {
    UNHEARD,
    EMPTY,
    FAILED,
    REFUSED,
    ANSWERED
  }

  private final List<Integer> clients;
  private final Fate[] fates;
  private final int[] examples;
  private final Map<Integer, String> failures = new TreeMap<>();
  private final Map<String, double[]> reports = new LinkedHashMap<>();
  private long bytesDown;
  private long bytesUp;

  Tally(List<Integer> clients) {
    this.clients = clients;
    this.fates = new Fate[clients.size()];
    Arrays.fill(fates, Fate.UNHEARD);
    this.examples = new int[clients.size()];
  }

  synchronized void sent(long bytes) {
    bytesDown += bytes;
  }

  synchronized void empty(int place) {
    fates[place] = Fate.EMPTY;
  }

  synchronized void failed(int place, String client, RuntimeException why) {
    fates[place] = Fate.FAILED;
    failures.put(place, "client " + client + ": " + why);
  }

  synchronized void refused(int place) {
    fates[place] = Fate.REFUSED;
  }

  synchronized void answered(Worker worker, long bytes, Map<String, Double> numbers) {
    // A client whose answer was refused in an earlier part of the round stays refused.
    if (fates[worker.place()] == Fate.UNHEARD) {
      fates[worker.place()] = Fate.ANSWERED;
    }
    examples[worker.place()] = worker.examples();
    bytesUp += bytes;
    numbers.forEach(
        (name, value) ->
            reports.computeIfAbsent(name, n -> new double[clients.size()])[worker.place()] = value);
  }

  private int count(Fate fate) {
    int n = 0;
    for (Fate f : fates) {
      n += f == fate ? 1 : 0;
    }
    return n;
  }

  synchronized String whyNone(long round) {
    StringBuilder why =
        new StringBuilder(
            "round %d: none of %d clients gave a usable answer: %d without examples, %d whose answer was not finite, %d that failed, %d of weight 0"
                .formatted(
                    round,
                    clients.size(),
                    count(Fate.EMPTY),
                    count(Fate.REFUSED),
                    count(Fate.FAILED),
                    count(Fate.ANSWERED)));
    if (!failures.isEmpty()) {
      why.append("; the first failure: ").append(failures.values().iterator().next());
    }
    if (count(Fate.REFUSED) > 0) {
      why.append("; lower the clients' learning rate or look for bad values in their data");
    }
    return why.toString();
  }

  synchronized RoundReport report(long round) {
    List<Integer> by = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    long seen = 0;
    for (int p = 0; p < fates.length; p++) {
      if (fates[p] == Fate.ANSWERED) {
        places.add(p);
        by.add(clients.get(p));
        seen += examples[p];
      }
    }
    Map<String, List<Double>> lists = new LinkedHashMap<>();
    new TreeMap<>(reports)
        .forEach((name, all) -> lists.put(name, places.stream().map(p -> all[p]).toList()));
    return new RoundReport(
        round,
        clients.size(),
        places.size(),
        count(Fate.EMPTY),
        count(Fate.REFUSED),
        List.copyOf(failures.values()),
        bytesDown,
        bytesUp,
        seen,
        lists,
        by);
  }
}
