package ai.kindred.federated;

import java.util.List;
import java.util.Map;

/**
 * What happened in a round.
 *
 * @param round from 0
 * @param asked clients that were drawn
 * @param answered clients whose answers were used
 * @param empty clients without examples, which were passed over
 * @param refused clients whose answer was not finite
 * @param failures clients whose data could not be read, with the reason
 * @param bytesDown bytes that the server sent
 * @param bytesUp bytes that clients sent
 * @param examples examples of the clients that answered
 * @param reports by name, what the clients reported, each list in the order of {@code answeredBy}
 * @param answeredBy the clients that answered
 */
public record RoundReport(
    long round,
    int asked,
    int answered,
    int empty,
    int refused,
    List<String> failures,
    long bytesDown,
    long bytesUp,
    long examples,
    Map<String, List<Double>> reports,
    List<Integer> answeredBy) {

  /** The mean of a report over the clients that answered, or NaN where none made it. */
  public double mean(String name) {
    List<Double> values = reports.getOrDefault(name, List.of());
    return values.stream().mapToDouble(d -> d).average().orElse(Double.NaN);
  }
}
