package ai.kindred.cli;

import ai.kindred.core.config.Configs;
import ai.kindred.core.metrics.Rouge;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rouge",
    description = {
      "ROUGE-1, 2, L and Lsum of pairs of texts.",
      "",
      "A line {\"reference\":\"..\",\"candidate\":\"..\"} gives a line"
          + " {\"rouge1\":{\"precision\":..,\"recall\":..,\"f\":..},\"rouge2\":..,"
          + "\"rougeL\":..,\"rougeLsum\":..}, equal to the Python package rouge-score."
    })
final class RougeCommand implements Callable<Integer> {

  record Pair(String reference, String candidate) {}

  @Mixin private final Output output = new Output();

  @Option(names = "--stem", description = "Stem words by Porter's algorithm first.")
  private boolean stem;

  @Parameters(paramLabel = "FILE.jsonl", description = "JSON Lines; - is standard input.")
  private Path file = Path.of("-");

  @Override
  public Integer call() throws IOException {
    Rouge rouge = new Rouge(stem);
    JsonLines.forEach(
        file,
        (line, source) -> {
          Pair pair = Configs.lenient(Pair.class, line, source).value();
          output.json(rouge.scores(pair.reference(), pair.candidate()));
        });
    return 0;
  }
}
