package ai.kindred.federated;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Who of a cohort answers in time.
 *
 * @param inTime clients whose answers count, in the order of the cohort
 * @param absent number that were not there
 * @param late number that dropped out or came too late
 * @param seconds that the round took on the virtual clock
 */
record Attendance(List<Integer> inTime, int absent, int late, double seconds) {

  private record Arrival(int place, int client, double at) {}

  static Attendance of(
      Devices devices,
      Quorum quorum,
      Partition partition,
      LocalTraining training,
      List<Integer> cohort,
      double clock,
      Key key) {
    List<Arrival> arrivals = new ArrayList<>();
    int absent = 0;
    for (int place = 0; place < cohort.size(); place++) {
      int client = cohort.get(place);
      Key own = key.fold("device").fold(client);
      if (!devices.available(client, clock, own)) {
        absent++;
        continue;
      }
      int size = partition.size(client);
      double at = devices.seconds(client, size == 0 ? 0 : training.stepsOf(size), own);
      if (!(at >= 0)) {
        throw new IllegalArgumentException(
            "client %s takes %s seconds; at least 0 are needed"
                .formatted(partition.name(client), at));
      }
      arrivals.add(new Arrival(place, client, at));
    }
    List<Arrival> counted =
        arrivals.stream()
            .filter(a -> a.at() <= quorum.deadline() && a.at() < Double.POSITIVE_INFINITY)
            .sorted(Comparator.comparingDouble(Arrival::at).thenComparingInt(Arrival::place))
            .limit(quorum.wanted())
            .toList();
    boolean complete = counted.size() == quorum.wanted() || counted.size() == arrivals.size();
    double last = counted.isEmpty() ? 0 : counted.get(counted.size() - 1).at();
    double waited = quorum.deadline() < Double.POSITIVE_INFINITY ? quorum.deadline() : last;
    return new Attendance(
        counted.stream()
            .sorted(Comparator.comparingInt(Arrival::place))
            .map(Arrival::client)
            .toList(),
        absent,
        arrivals.size() - counted.size(),
        complete ? last : waited);
  }
}
