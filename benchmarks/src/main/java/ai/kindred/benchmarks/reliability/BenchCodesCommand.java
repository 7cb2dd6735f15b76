package ai.kindred.benchmarks.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.Table;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code bench codes}. */
@Command(
    name = "codes",
    description = {
      "Repair, decode and encode against a plain copy, on one core.",
      "",
      "JMH over buffers far larger than caches. The ratio is that of speeds to System.arraycopy of"
          + " as many bytes of weights in the same sitting."
    })
public final class BenchCodesCommand implements Callable<Integer> {

  @Mixin private final Output output = new Output();

  @Option(names = "--code", paramLabel = "NAME", description = "One code alone, by its name.")
  private String code = "";

  @Option(names = "--iterations", paramLabel = "N", description = "Measured iterations.")
  private int iterations = 5;

  @Option(names = "--seconds", paramLabel = "S", description = "Seconds an iteration.")
  private int seconds = 1;

  private record Row(String code, String rate) {}

  @Override
  public Integer call() throws IOException {
    OptionsBuilder builder = new OptionsBuilder();
    builder
        .include(CodeSpeed.class.getName())
        .verbosity(VerboseMode.SILENT)
        .forks(1)
        .threads(1)
        .jvmArgs("-Xmx1g", "-XX:MaxDirectMemorySize=1g")
        .warmupIterations(3)
        .warmupTime(TimeValue.seconds(seconds))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.seconds(seconds));
    if (!code.isEmpty()) {
      builder.param("code", code);
    }
    Options options = builder.build();
    Map<Row, Map<String, Double>> times = new LinkedHashMap<>();
    try {
      for (RunResult result : new Runner(options).run()) {
        Row row = new Row(result.getParams().getParam("code"), result.getParams().getParam("rate"));
        String full = result.getParams().getBenchmark();
        times
            .computeIfAbsent(row, r -> new LinkedHashMap<>())
            .put(full.substring(full.lastIndexOf('.') + 1), result.getPrimaryResult().getScore());
      }
    } catch (RunnerException e) {
      throw new IOException("the benchmark did not run: " + e.getMessage(), e);
    }
    Table table =
        Table.of(
            Column.text("code"),
            Column.text("rate"),
            Column.number("copy GB/s", 1),
            Column.number("repair", 1),
            Column.number("ratio", 2),
            Column.number("decode", 1),
            Column.number("ratio", 2),
            Column.number("encode", 1));
    for (Map.Entry<Row, Map<String, Double>> e : times.entrySet()) {
      double copy = speed(e.getValue(), "arraycopy");
      double repair = speed(e.getValue(), "repair");
      double decode = speed(e.getValue(), "decode");
      table =
          table.row(
              e.getKey().code(),
              e.getKey().rate(),
              copy,
              repair,
              repair / copy,
              decode,
              decode / copy,
              speed(e.getValue(), "encode"));
    }
    output.result(table.rows(), table.text(100));
    return 0;
  }

  /** Gigabytes of weights a second. */
  private static double speed(Map<String, Double> millis, String name) {
    return CodeSpeed.MIB * (1 << 20) / 1e6 / millis.getOrDefault(name, Double.NaN);
  }
}
