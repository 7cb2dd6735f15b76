package ai.kindred.examples.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.cli.Kindred;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.examples.multitask.Answers;
import ai.kindred.examples.multitask.HeldOutLoss;
import ai.kindred.examples.multitask.TaskSuite;
import ai.kindred.peft.Targets;
import ai.kindred.tiny.KindredTiny;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every experiment at toy size, on the bundled model: what it leaves, and that it goes on. */
class AdaptersCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> TOY =
      List.of(
          "--steps",
          "2",
          "--max-tasks",
          "3",
          "--held-out",
          "3",
          "--train",
          "20",
          "--max-new-tokens",
          "3",
          "--batch-tokens",
          "256",
          "--seeds",
          "4,5",
          "--json");

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String experiment, String... more) {
    List<String> words = new ArrayList<>(List.of("adapters", experiment));
    words.addAll(Arrays.asList(more));
    return Kindred.run(
        List.of(new AdaptersCommands()),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        words.toArray(String[]::new));
  }

  private JsonNode toy(String experiment, String... more) throws IOException {
    List<String> words = new ArrayList<>(TOY);
    words.addAll(Arrays.asList(more));
    words.addAll(List.of("--out", folder.resolve(experiment).toString()));
    int live = Scope.live();
    assertThat(run(experiment, words.toArray(String[]::new))).as("%s", err).isZero();
    assertThat(Scope.live()).as("what was made was freed").isEqualTo(live);
    return JSON.readTree(out.toString());
  }

  private List<JsonNode> trials(String experiment) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(experiment).resolve("trials.jsonl"))) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static double mean(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .average()
        .orElseThrow();
  }

  @Test
  void compareRecordsEveryTrialAndItsFiguresAreTheirs() throws IOException {
    JsonNode figures = toy("compare", "--budgets", "9", "--leave-out", "1");
    List<JsonNode> lines = trials("compare");
    assertThat(lines).hasSize(2 + 2 * 4);
    JsonNode budget = figures.get("budget of LoRA 9");
    assertThat(budget.get("methods").fieldNames())
        .toIterable()
        .containsExactly("LoRA 9", "MoLORA 6x1", "MoLORA-SD 5x2", "MoDE 4x2");
    assertThat(budget.get("pairs")).hasSize(6);
    List<String> trained = new ArrayList<>();
    lines.get(2).get("tasks").forEach(t -> trained.add(t.asText()));
    assertThat(trained).hasSize(2);
    for (String method : List.of("LoRA 9", "MoDE 4x2")) {
      double byHand =
          lines.stream()
              .filter(line -> line.get("method").asText().equals(method))
              .flatMapToDouble(
                  line ->
                      DoubleStream.of(
                          trained.stream()
                              .mapToDouble(t -> mean(line.get("scores").get(t)))
                              .toArray()))
              .average()
              .orElseThrow();
      assertThat(budget.at("/methods/" + method + "/rouge_l").asDouble())
          .isCloseTo(byHand, within(1e-9));
    }
    assertThat(budget.at("/methods/LoRA 9/parameters").asLong())
        .isEqualTo(lines.get(2).get("parameters").asLong());
    JsonNode unseen = budget.get("unseen");
    assertThat(unseen.at("/methods/base model/tasks")).hasSize(1);
    assertThat(trained).doesNotContain(unseen.at("/methods/base model/tasks").fieldNames().next());
    assertThat(unseen.get("gains")).hasSize(4);
    JsonNode gain = unseen.get("gains").get(0);
    assertThat(gain.get("loss_difference").asDouble())
        .isBetween(gain.get("loss_low").asDouble(), gain.get("loss_high").asDouble());
    Path run = folder.resolve("compare");
    assertThat(run.resolve("report.html"))
        .content()
        .contains("Budget: LoRA of rank 9", "<svg", "<dd>kindred adapters compare --steps 2");
    assertThat(run.resolve("tables.md")).content().contains("| LoRA 9 |");
    assertThat(run.resolve("checkpoints")).isEmptyDirectory();
  }

  /** Rates are judged on validation instances; what is reported on is not looked at. */
  @Test
  void ratesAreChosenByTheLossOnInstancesForThat() throws IOException {
    JsonNode figures = toy("rates", "--budgets", "9", "--tried", "1e-3,1e-2");
    List<JsonNode> lines = trials("rates");
    assertThat(lines).hasSize(2 + 2 * 4 * 2);
    JsonNode budget = figures.get("budget of LoRA 9");
    for (String method : List.of("lora", "molora", "molora-sd", "mode")) {
      double best = budget.at("/best/" + method).asDouble();
      double least =
          lines.stream()
              .skip(2)
              .filter(line -> line.get("method").asText().equalsIgnoreCase(label(method)))
              .collect(
                  Collectors.groupingBy(
                      line -> line.get("learningRate").asDouble(),
                      Collectors.averagingDouble(
                          line ->
                              StreamSupport.stream(line.get("losses").spliterator(), false)
                                  .mapToDouble(AdaptersCommandTest::mean)
                                  .average()
                                  .orElseThrow())))
              .entrySet()
              .stream()
              .min(Map.Entry.comparingByValue())
              .orElseThrow()
              .getKey();
      assertThat(best).as(method).isEqualTo(least);
    }
    assertThat(lines.get(2).get("scores")).as("nothing is answered").isEmpty();
    TaskSuite asked = TaskSuite.load(null, List.of(), new TaskSuite.Sizes(20, 3, 3), 0);
    TaskSuite development = asked.development();
    for (InstructionTask task : asked.tasks()) {
      assertThat(development.heldOut(task)).doesNotContainAnyElementsOf(asked.heldOut(task));
      assertThat(development.train(task)).doesNotContainAnyElementsOf(asked.heldOut(task));
      assertThat(development.train(task)).doesNotContainAnyElementsOf(development.heldOut(task));
    }
  }

  private static String label(String method) {
    return switch (method) {
      case "lora" -> "LoRA 9";
      case "molora" -> "MoLORA 6x1";
      case "molora-sd" -> "MoLORA-SD 5x2";
      default -> "MoDE 4x2";
    };
  }

  @Test
  void methodsHaveRatesOfTheirOwnAndTasksAreChosenByNumber() throws IOException {
    toy(
        "compare",
        "--budgets",
        "9",
        "--rates",
        "lora=1e-3,mode=2e-2",
        "--only",
        "suite03,suite01_title_year",
        "--learning-rate",
        "4e-3");
    List<JsonNode> lines = trials("compare");
    assertThat(lines.subList(2, 6))
        .extracting(line -> line.get("learningRate").asDouble())
        .containsExactly(1e-3, 4e-3, 4e-3, 2e-2);
    assertThat(lines.get(2).get("losses").fieldNames())
        .toIterable()
        .containsExactly("suite01_title_year", "suite03_title_decade");
  }

  /** A loss by hand: one forward pass an instance, nothing packed. */
  @Test
  void heldOutLossIsTheMeanOverAnInstancesTokens() throws IOException, InterruptedException {
    TaskSuite suite = TaskSuite.load(null, List.of(), new TaskSuite.Sizes(20, 3, 2), 0);
    try (Scope scope = Scope.open()) {
      LanguageModel model =
          scope.adopt(LanguageModel.load(KindredTiny.folder(), Precision.FLOAT32));
      Map<String, double[]> losses = HeldOutLoss.of(model, suite);
      InstructionTask task = suite.tasks().get(1);
      InstructionTask.Instance instance = suite.heldOut(task).get(2);
      int[] prompt =
          Answers.prompt(model.requireTokenizer(), task, instance, model.config().maxPositions());
      double[] logs;
      try (Scorer scorer = new Scorer(model)) {
        int[] target = model.encodeTarget(instance.target());
        logs = scorer.logProbabilities(prompt, List.of(target)).get(0);
      }
      assertThat(losses).containsOnlyKeys(suite.names());
      assertThat(losses.getOrDefault(task.name(), new double[3])[2])
          .isCloseTo(-Arrays.stream(logs).average().orElseThrow(), within(1e-4));
    }
  }

  @Test
  void expertRankVariesPAloneAndAtEqualParameters() throws IOException {
    JsonNode figures = toy("expert-rank", "--budgets", "9", "--shapes", "2x4", "--ranks", "2");
    assertThat(figures.at("/p alone, 2x4/methods").fieldNames())
        .toIterable()
        .containsExactly("MoDE 2x4x4", "MoDE 2x4x2", "MoDE 2x4");
    JsonNode equal = figures.get("budget of LoRA 9, r 2").get("methods");
    assertThat(equal).hasSize(2);
    double lora;
    try (Scope scope = Scope.open()) {
      LanguageModel model =
          scope.adopt(LanguageModel.load(KindredTiny.folder(), Precision.FLOAT32));
      lora = Budget.ofLora(model, Targets.allLinear(), 9).parameters();
    }
    for (JsonNode method : equal) {
      assertThat(method.get("parameters").asDouble() / lora).isBetween(0.9, 1.1);
    }
  }

  @Test
  void fixedBudgetTrainsOneATaskAndSharedOnes() throws IOException {
    JsonNode figures = toy("fixed-budget", "--rank", "2");
    List<JsonNode> lines = trials("fixed-budget");
    assertThat(lines).hasSize(2 + 2 * (3 + 7));
    JsonNode own = figures.at("/methods/LoRA a task");
    assertThat(own.get("tasks")).hasSize(3);
    assertThat(own.get("parameters").asLong())
        .isEqualTo(figures.at("/methods/LoRA 6/parameters").asLong());
    assertThat(figures.get("pairs")).hasSize(7);
    assertThat(own.get("tasks").has(figures.get("dominating").asText())).isTrue();
  }

  @Test
  void redundancyComparesStarts() throws IOException {
    JsonNode figures = toy("redundancy", "--rank", "2");
    JsonNode same = figures.get("A, same start");
    JsonNode own = figures.get("A, own starts");
    assertThat(same.at("/within/estimate").asDouble()).isGreaterThan(0.9);
    assertThat(Math.abs(own.at("/within/estimate").asDouble())).isLessThan(0.2);
    assertThat(same.get("slotShare").asDouble()).isGreaterThan(0.9);
    assertThat(same.get("moved").asDouble()).isBetween(1e-6, 0.5);
    assertThat(figures.get("components, same start").size()).isEqualTo(2 * 4 * 2);
    assertThat(folder.resolve("redundancy/report.html")).content().contains("mark");
  }

  @Test
  void routersAreWatched() throws IOException {
    JsonNode figures = toy("routers", "--budgets", "9");
    JsonNode rows = figures.get("budget of LoRA 9");
    assertThat(rows).hasSize(6);
    int layers = rows.get(0).get("routers").asInt() / 7;
    assertThat(layers).isGreaterThan(1);
    for (JsonNode row : rows) {
      assertThat(row.get("entropy_percent").asDouble()).isBetween(0.0, 100.0001);
      int slots = row.get("method").asText().equals("MoDE 4x2") ? 2 : 1;
      assertThat(row.get("routers").asInt()).isEqualTo(layers * 7 * slots);
    }
    JsonNode routed = trials("routers").get(2).get("routers").get(0);
    assertThat(routed.get("weights").get(0).get(0).asDouble()).isBetween(0.0, 1.0);
    assertThat(mean(routed.get("weights").get(0)) * routed.get("weights").get(0).size())
        .isCloseTo(1, within(0.005));
  }

  @Test
  void aRunThatWasCutShortGivesTheSameResults() throws IOException {
    toy("compare", "--budgets", "9");
    Path run = folder.resolve("compare");
    byte[] results = Files.readAllBytes(run.resolve("results.json"));
    List<String> lines = Files.readAllLines(run.resolve("trials.jsonl"));
    String kept = String.join("\n", lines.subList(0, 3)) + "\n" + lines.get(3).substring(0, 40);
    Files.writeString(run.resolve("trials.jsonl"), kept);
    Files.delete(run.resolve("results.json"));
    out.getBuffer().setLength(0);
    toy("compare", "--budgets", "9", "--resume");
    assertThat(run.resolve("results.json")).hasBinaryContent(results);
    assertThat(Files.readAllLines(run.resolve("trials.jsonl"))).hasSize(10);
    List<String> words = new ArrayList<>(TOY);
    words.addAll(List.of("--budgets", "9", "--learning-rate", "0.1"));
    words.addAll(List.of("--resume", "--out", run.toString()));
    assertThat(run("compare", words.toArray(String[]::new))).isEqualTo(2);
    assertThat(err.toString()).contains("is of other settings");
  }

  @Test
  void anInterruptedRunGivesTheSameResults() throws Exception {
    String[] words = {
      "--steps", "12", "--checkpoint-every", "2", "--max-tasks", "2", "--held-out", "2", "--train",
      "20", "--max-new-tokens", "2", "--batch-tokens", "256", "--seeds", "4", "--budgets", "9"
    };
    List<String> first = new ArrayList<>(Arrays.asList(words));
    first.addAll(List.of("--out", folder.resolve("whole").toString()));
    assertThat(run("compare", first.toArray(String[]::new))).as("%s", err).isZero();
    Path cut = folder.resolve("cut");
    List<String> second = new ArrayList<>(Arrays.asList(words));
    second.addAll(List.of("--out", cut.toString()));
    int[] code = {-1};
    Thread thread =
        new Thread(() -> code[0] = run("compare", second.toArray(String[]::new)), "interrupted");
    thread.start();
    while (thread.isAlive() && !Files.isDirectory(cut.resolve("checkpoints/trial-2"))) {
      Thread.sleep(2);
    }
    thread.interrupt();
    thread.join();
    assertThat(code[0]).as("%s", err).isNotZero();
    assertThat(err.toString())
        .contains("training was interrupted after step", "--resume --out " + cut);
    second.add("--resume");
    assertThat(run("compare", second.toArray(String[]::new))).as("%s", err).isZero();
    assertThat(cut.resolve("results.json"))
        .hasSameBinaryContentAs(folder.resolve("whole/results.json"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compare --budgets 0",
        "compare --budgets 4,4",
        "compare --seeds 1,1",
        "compare --steps 0",
        "compare --leave-out -1",
        "compare --leave-out 22",
        "compare --resume",
        "compare --dtype float8",
        "compare --model nowhere",
        "compare --tasks nowhere",
        "compare --learning-rate 0",
        "compare --rates mode=2",
        "compare --rates dora=0.01",
        "compare --only suite99",
        "rates --tried 0",
        "rates --tried 0.01,0.01",
        "expert-rank --shapes 4by4",
        "expert-rank --shapes 4x4,4x4",
        "expert-rank --ranks 0",
        "fixed-budget --rank 0",
        "redundancy --max-tasks 1",
        "redundancy --rank 0",
        "routers --experts 4",
        "compete"
      })
  void badUsageIsExitCode2(String words) {
    String[] all = (words + " --out " + folder.resolve("never")).split(" ", -1);
    assertThat(
            run(
                all[0],
                Arrays.copyOfRange(all, 1, all.length - (words.endsWith("--resume") ? 2 : 0))))
        .as("%s", err)
        .isEqualTo(2);
    assertThat(err.toString()).doesNotContain("\tat ").isNotBlank();
    assertThat(out.toString()).isEmpty();
    assertThat(folder.resolve("never/trials.jsonl")).doesNotExist();
  }
}
