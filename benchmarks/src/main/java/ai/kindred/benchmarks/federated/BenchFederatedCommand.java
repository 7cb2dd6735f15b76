package ai.kindred.benchmarks.federated;

import ai.kindred.cli.Output;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A line a workload. */
@Command(
    name = "federated",
    description = {
      "Measure rounds of federated averaging on this machine's threads.",
      "200 clients of 100 examples, 50 a round, batches of 20, one epoch; medians over rounds."
    })
public final class BenchFederatedCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "Workloads to run; all.")
  private List<String> only = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that train clients (default: ${DEFAULT-VALUE}).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long a workload runs, about (default: ${DEFAULT-VALUE}).")
  private double seconds = 5;

  @Override
  public Integer call() {
    for (String name : only) {
      if (!FederatedWorkloads.NAMES.contains(name)) {
        throw output.badUsage(
            "no workload is called " + name + "; there are " + FederatedWorkloads.NAMES);
      }
    }
    if (threads < 1 || !(seconds >= 0 && seconds <= 3600)) {
      throw output.badUsage(
          "threads are at least 1 and seconds between 0 and 3600, not %d and %s"
              .formatted(threads, seconds));
    }
    FederatedWorkloads workloads = new FederatedWorkloads(threads, seconds);
    for (String name : FederatedWorkloads.NAMES) {
      if (only.isEmpty() || only.contains(name)) {
        workloads.run(name, this::print);
      }
    }
    return 0;
  }

  private void print(FederatedWorkloads.Line line) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("workload", line.workload());
    all.put("threads", threads);
    all.putAll(line.figures());
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-15s", line.workload()));
    line.figures()
        .forEach(
            (name, value) ->
                text.append(
                    String.format(
                        Locale.ROOT, value >= 1000 ? " %s %,.0f" : " %s %.3g", name, value)));
    try {
      output.result(all, text.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
