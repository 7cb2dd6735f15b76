package ai.kindred.examples.federated;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.metrics.Summary;
import ai.kindred.federated.Partition;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How often a model is right, in percent, over clients. Percentiles interpolate linearly.
 *
 * @param clients with examples
 * @param predictions of all clients together
 * @param accuracy over predictions
 * @param clientMean mean of the clients' own accuracies
 * @param percentile5 of the clients' own accuracies, likewise those that follow
 * @param sorted the clients' own accuracies, from worst to best
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, read only, never compared.
record ClientAccuracy(
    int clients,
    long predictions,
    double accuracy,
    double clientMean,
    double percentile5,
    double percentile25,
    double median,
    double percentile75,
    double percentile95,
    double[] sorted) {

  /** Measures on all examples of a partition. */
  static ClientAccuracy of(Problem.Scores scores, Params model, Partition partition) {
    int[] rows =
        IntStream.range(0, partition.clients())
            .flatMap(c -> IntStream.range(0, partition.size(c)).map(i -> partition.row(c, i)))
            .toArray();
    double[][] right = scores.right(model, rows);
    double[] own = new double[partition.clients()];
    double hits = 0;
    double all = 0;
    int measured = 0;
    int at = 0;
    for (int c = 0; c < partition.clients(); c++) {
      double clientHits = 0;
      double clientAll = 0;
      for (int i = 0; i < partition.size(c); i++) {
        clientHits += right[at][0];
        clientAll += right[at++][1];
      }
      if (clientAll > 0) {
        own[measured++] = 100 * clientHits / clientAll;
        hits += clientHits;
        all += clientAll;
      }
    }
    double[] sorted = Arrays.copyOf(own, measured);
    Arrays.sort(sorted);
    return new ClientAccuracy(
        measured,
        (long) all,
        100 * hits / all,
        Arrays.stream(sorted).average().orElseThrow(),
        Summary.percentile(sorted, 5),
        Summary.percentile(sorted, 25),
        Summary.percentile(sorted, 50),
        Summary.percentile(sorted, 75),
        Summary.percentile(sorted, 95),
        sorted);
  }

  /** The figures for a run's record. */
  Map<String, Double> numbers() {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("accuracy", accuracy);
    numbers.put("client_mean", clientMean);
    numbers.put("client_p5", percentile5);
    numbers.put("client_p25", percentile25);
    numbers.put("client_median", median);
    numbers.put("client_p75", percentile75);
    numbers.put("client_p95", percentile95);
    return numbers;
  }
}
