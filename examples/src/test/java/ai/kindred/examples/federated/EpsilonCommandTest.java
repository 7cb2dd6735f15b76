package ai.kindred.examples.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.cli.CommandProvider;
import ai.kindred.cli.Kindred;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EpsilonCommandTest {

  private static final String USUAL =
      "--sampling-rate 0.01 --noise-multiplier 1 --rounds 1000 --delta 1e-5";

  private record Run(int code, String out, String err) {}

  private static Run run(String args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new FederatedCommands()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            ("epsilon " + args).split(" "));
    return new Run(code, out.toString(), err.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rdp", "pld"})
  void equalsTheGoldenFile(String accountant) throws IOException {
    Path file =
        Path.of(System.getProperty("kindred.data", ""))
            .resolve("../golden/" + accountant + "-epsilon.json");
    assumeTrue(Files.exists(file), "no golden values at " + file + ": set -Dkindred.data");
    JsonNode row = new ObjectMapper().readTree(Files.readString(file)).get("rows").get(0);
    Run run =
        run(
            String.format(
                "--sampling-rate %s --noise-multiplier %s --rounds %s --delta %s --accountant %s --json",
                row.get("sampling_rate"),
                row.get("noise_multiplier"),
                row.get("rounds"),
                row.get("delta"),
                accountant));
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode printed = new ObjectMapper().readTree(run.out());
    assertThat(printed.fieldNames()).toIterable().containsExactly("epsilon", "accountant");
    assertThat(printed.get("epsilon").asDouble())
        .isCloseTo(row.get("epsilon").asDouble(), withinPercentage(0.1));
    assertThat(printed.get("accountant").asText()).isEqualTo(accountant);
  }

  @Test
  void saysItToPeople() {
    Run run = run(USUAL);
    assertThat(run.out()).isEqualTo("epsilon 2.10137 at delta 1.0E-5 (rdp, order 7.8)\n");
    assertThat(run.err()).isEmpty();
    assertThat(run(USUAL + " --accountant PLD").out())
        .isEqualTo("epsilon 1.82824 at delta 1.0E-5 (pld)\n");
  }

  @Test
  void findsTheNoiseForAnEpsilon() throws IOException {
    Run run =
        run("--sampling-rate 0.01 --target-epsilon 2.101366 --rounds 1000 --delta 1e-5 --json");
    JsonNode printed = new ObjectMapper().readTree(run.out());
    assertThat(printed.get("noise_multiplier").asDouble()).isCloseTo(1, withinPercentage(0.1));
    assertThat(printed.get("epsilon").asDouble()).isLessThanOrEqualTo(2.101366);
    assertThat(run("--sampling-rate 0.01 --target-epsilon 2 --rounds 1000 --delta 1e-5").out())
        .startsWith("noise multiplier 1.02229: epsilon 2.00000");
  }

  /** Descriptions have to fit beside the longest name of all commands. */
  @Test
  void startsAmongAllCommands() {
    List<CommandProvider> all = new ArrayList<>();
    ServiceLoader.load(CommandProvider.class).forEach(all::add);
    StringWriter out = new StringWriter();
    PrintWriter both = new PrintWriter(out, true);
    assertThat(Kindred.run(all, both, both, "--help")).as(out.toString()).isZero();
    assertThat(out.toString()).contains("epsilon ");
  }

  @Test
  void ordersOfOnesOwn() {
    Run run = run(USUAL + " --orders 2,4");
    assertThat(run.out()).contains("order 4.0");
    assertThat(run.err()).contains("the best order is the greatest there is");
    assertThat(run(USUAL + " --orders 7.8").out()).contains("epsilon 2.10137");
  }

  @Test
  void aCoarseGridIsSaid() {
    String rare = "--sampling-rate 1e-5 --noise-multiplier 1 --rounds 1000 --delta 1e-7";
    assertThat(run(rare + " --accountant pld").err()).contains("a finer --interval gives less");
    assertThat(run(rare + " --accountant pld --interval 1e-7").err()).isEmpty();
  }

  @Test
  void withoutNoiseEpsilonIsInfinite() throws IOException {
    Run run = run("--sampling-rate 0.01 --noise-multiplier 0 --rounds 1 --delta 1e-5 --json");
    assertThat(run.code()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).get("epsilon").asDouble())
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(run.err()).contains("without noise nothing can be promised");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--sampling-rate 1.5 --noise-multiplier 1 --rounds 1 --delta 1e-5 | 1.5 is not in [0, 1]",
        "--sampling-rate NaN --noise-multiplier 1 --rounds 1 --delta 1e-5 | NaN is not in [0, 1]",
        "--sampling-rate 0.1 --noise-multiplier -1 --rounds 1 --delta 1e-5 | -1.0 is not a finite",
        "--sampling-rate 0.1 --noise-multiplier NaN --rounds 1 --delta 1e-5 | NaN is not a finite",
        "--sampling-rate 0.1 --noise-multiplier 1 --rounds -1 --delta 1e-5 | -1 rounds",
        "--sampling-rate 0.1 --noise-multiplier 1 --rounds 1 --delta 0 | delta 0.0 is not in (0, 1)",
        "--sampling-rate 0.1 --noise-multiplier 1 --rounds 1 --delta 1 | delta 1.0 is not in (0, 1)",
        "--sampling-rate 0.1 --noise-multiplier 1 --rounds 1 --delta 1e-5 --orders 2,1 | order 1.0",
        "--sampling-rate 0.1 --noise-multiplier 1 --rounds 1 --delta 1e-5 --interval 1 | pld",
        "--sampling-rate 0.1 --noise-multiplier 1 --rounds 1 --delta 1e-5 --accountant pld"
            + " --orders 2 | rdp",
        "--sampling-rate 0.1 --noise-multiplier x --rounds 1 --delta 1e-5 | x",
        "--sampling-rate 0.1 --rounds 1 --delta 1e-5 | --noise-multiplier",
        "--sampling-rate 0.1 --noise-multiplier 1 --target-epsilon 1 --rounds 1 --delta 1e-5"
            + " | mutually exclusive",
        "--sampling-rate 0.1 --target-epsilon -1 --rounds 1 --delta 1e-5 | target epsilon -1.0",
      })
  void nonsenseIsBadUsage(String args, String message) {
    Run run = run(args);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }
}
