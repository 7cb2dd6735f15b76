package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.config.Json;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with what transformers computes in float32. */
class GoldenLogitsTest {

  private static final Path DATA = Path.of(System.getProperty("kindred.data", "../shared/data"));
  private static final Path GOLDEN = DATA.resolveSibling("golden");

  private static JsonNode json(Path file) throws IOException {
    assumeTrue(Files.isRegularFile(file), file + " is absent; set kindred.data");
    return Json.read(file, Json.Limits.CONFIG);
  }

  private static int[] ints(JsonNode node) {
    return IntStream.range(0, node.size()).map(i -> node.get(i).asInt()).toArray();
  }

  /** Every position predicts the next id; the last row's label is not used. */
  private static PackedBatch all(int[] ids) {
    int n = ids.length;
    int[] next = IntStream.range(0, n).map(i -> i + 1 < n ? ids[i + 1] : 0).toArray();
    int[] rows = IntStream.range(0, n).toArray();
    return new PackedBatch(ids, rows, new int[] {0, n}, rows, next, new int[] {0});
  }

  @Test
  void stories260K() throws IOException {
    JsonNode golden = json(GOLDEN.resolve("stories260K-logits.json"));
    try (Scope open = Scope.open()) {
      assertThat(open.size()).isZero();
      LanguageModel model =
          LanguageModel.load(DATA.resolve("stories260K/hf-converted"), Precision.FLOAT32);
      try (Scorer scorer = new Scorer(model)) {
        for (JsonNode c : golden.get("cases")) {
          check(scorer, c, "last_logits", 2e-4);
          int i = 0;
          for (Tensor h : scorer.hiddenStates(all(ints(c.get("ids"))))) {
            assertThat(h.abs().mean().item())
                .isCloseTo(c.get("hidden_mean_abs").get(i++).asDouble(), within(1e-4));
          }
        }
      }
      for (JsonNode greedy : golden.get("greedy")) {
        continues(model, greedy);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiny-llama3-rope",
        "tiny-mistral",
        "tiny-qwen2",
        "tiny-qwen3",
        "tiny-gemma",
        "tiny-gemma2",
        "tiny-gemma3"
      })
  void families(String name) throws IOException {
    JsonNode golden = json(GOLDEN.resolve(name).resolve("case.json"));
    try (Scope open = Scope.open()) {
      assertThat(open.size()).isZero();
      LanguageModel model = LanguageModel.load(GOLDEN.resolve(name), Precision.FLOAT32);
      try (Scorer scorer = new Scorer(model)) {
        for (JsonNode c : golden.get("cases")) {
          check(scorer, c, "last_logits_first64", 1e-3);
        }
      }
      continues(model, golden.get("greedy"));
    }
  }

  private static void continues(LanguageModel model, JsonNode greedy) {
    int[] expected = ints(greedy.get("ids"));
    try (Generator generator = new Generator(model)) {
      Generation settings = new Generation(expected.length, Sampling.GREEDY, 0, true);
      assertThat(generator.generate(List.of(ints(greedy.get("prompt"))), settings).get(0).ids())
          .isEqualTo(expected);
    }
  }

  private static void check(Scorer scorer, JsonNode c, String logits, double tolerance) {
    int[] ids = ints(c.get("ids"));
    double[] nll = scorer.negativeLogLikelihoods(all(ids));
    double sum = IntStream.range(0, ids.length - 1).mapToDouble(i -> nll[i]).sum();
    double expected = c.get("nll_sum").asDouble();
    assertThat(sum).isCloseTo(expected, within(1e-4 * Math.max(1, Math.abs(expected))));
    try (Tensor all = scorer.logits(all(ids));
        Tensor last = all.select(0, ids.length - 1)) {
      float[] got = last.toFloats();
      for (int v = 0; v < c.get(logits).size(); v++) {
        assertThat((double) got[v]).isCloseTo(c.get(logits).get(v).asDouble(), within(tolerance));
      }
    }
  }
}
