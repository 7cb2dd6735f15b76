package ai.kindred.examples.golden;

import ai.kindred.cli.Output;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "golden",
    description = {
      "Compares with what other implementations computed.",
      "",
      "Runs every golden case of a folder and prints what was compared, the largest error,"
          + " the tolerance, and pass or fail; exit code 1 if any fails."
    })
final class GoldenCommand implements Callable<Integer> {

  /** A line of {@code --json}. */
  record Row(
      @JsonProperty("case") String name,
      @JsonProperty("check") String check,
      @JsonProperty("error") double error,
      @JsonProperty("tolerance") double tolerance,
      @JsonProperty("pass") boolean pass) {}

  @Mixin private final Output output = new Output();

  @Parameters(paramLabel = "DIR", description = "Folder with golden values.")
  private Path folder = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Models that cases name; the folder 'data' beside DIR if not given.")
  private @Nullable Path data;

  @Option(
      names = "--case",
      paramLabel = "TEXT",
      description = "Run only cases whose name contains this; may be repeated.")
  private List<String> wanted = List.of();

  @Override
  public Integer call() throws IOException {
    Path models = data == null ? folder.toAbsolutePath().normalize().resolveSibling("data") : data;
    GoldenFolder golden = GoldenFolder.read(folder, models);
    List<GoldenCase> cases = golden.cases().stream().filter(c -> isWanted(c.name())).toList();
    if (cases.isEmpty()) {
      throw output.badUsage(
          "no golden case in " + folder + (wanted.isEmpty() ? "" : " is called like " + wanted));
    }
    int failed = 0;
    for (GoldenCase one : cases) {
      failed += run(one);
    }
    golden.unknown().stream()
        .filter(this::isWanted)
        .forEach(name -> output.notes().println("no case reads " + name));
    output.notes().println(failed == 0 ? "all passed" : failed + " failed");
    return failed == 0 ? 0 : 1;
  }

  private boolean isWanted(String name) {
    return wanted.isEmpty() || wanted.stream().anyMatch(name::contains);
  }

  private int run(GoldenCase one) throws IOException {
    List<Check> checks;
    try {
      checks = one.run();
    } catch (IOException | RuntimeException e) {
      output.notes().println(one.name() + ": " + e);
      checks = List.of(new Check("runs at all", Double.NaN, 0));
    }
    int failed = 0;
    for (Check c : checks) {
      failed += c.passed() ? 0 : 1;
      output.result(
          new Row(one.name(), c.what(), c.error(), c.tolerance(), c.passed()),
          String.format(
              Locale.ROOT,
              "%-24s %-28s %8.1e %8.0e  %s",
              one.name(),
              c.what(),
              c.error(),
              c.tolerance(),
              c.passed() ? "pass" : "FAIL"));
    }
    return failed;
  }
}
