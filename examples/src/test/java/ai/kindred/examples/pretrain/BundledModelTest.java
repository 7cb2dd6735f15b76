package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Family;
import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled model is what its README says. */
class BundledModelTest {

  private static final PretrainConfig TEXT =
      new PretrainConfig(1, 2, 1, 400, 0.003, 0, 300, 32, 1, 4096, Precision.FLOAT32);

  @TempDir Path cache;

  private static double stated(String readme, String before) {
    Matcher number = Pattern.compile(Pattern.quote(before) + "([0-9.]+)").matcher(readme);
    assertThat(number.find()).as("the README has '%s'", before).isTrue();
    return Double.parseDouble(number.group(1));
  }

  @Test
  void itIsALlamaOfAFewMillionWeightsWithALongContext() throws IOException {
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(LanguageModel.load(KindredTiny.folder(cache)));
      assertThat(model.config().family()).isEqualTo(Family.LLAMA);
      assertThat(model.config().maxPositions()).isGreaterThanOrEqualTo(4096);
      assertThat(model.activations()).isEqualTo(DType.BFLOAT16);
      assertThat(Tree.params(model).elements()).isBetween(1_000_000L, 5_000_000L);
      assertThat(model.requireTokenizer().specialTokens().stops()).containsExactlyInAnyOrder(0, 2);
    }
  }

  /** New documents by the recorded seed cost what the README says, short and at full length. */
  @Test
  void heldOutTextCostsWhatTheReadmeSays() throws IOException {
    Path folder = KindredTiny.folder(cache);
    String readme = Files.readString(folder.resolve("README.md"));
    assertThat((long) stated(readme, "Seed: ")).isEqualTo(TEXT.seed());
    PretrainingText text = new Pretraining(TEXT).text();
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(LanguageModel.load(folder));
      try (Scorer scorer = new Scorer(model);
          Tokenizer tokenizer = model.requireTokenizer()) {
        TokenizedText stream = new TokenizedText(text, tokenizer, 4096, 400);
        List<Double> nats = new ArrayList<>();
        for (long first = 0; first < 160; first += 16) {
          long from = Pretraining.HELD_OUT + 5_000_000 + first;
          PackedBatch batch =
              PackedBatch.of(text.documents(from).limit(16).map(stream::example).toList());
          Arrays.stream(scorer.negativeLogLikelihoods(batch)).forEach(nats::add);
        }
        double loss = nats.stream().mapToDouble(n -> n).average().orElseThrow();
        assertThat(loss).isCloseTo(stated(readme, "Held-out loss: "), within(0.15));
        assertThat(loss).isLessThan(0.4 * stated(readme, "a unigram model: "));

        Document longest =
            text.longDocument(Pretraining.HELD_OUT + 5_000_000 + longest(text, stream));
        double[] far =
            scorer.negativeLogLikelihoods(PackedBatch.of(List.of(stream.example(longest))));
        assertThat(far).hasSizeGreaterThan(3_500);
        assertThat(Arrays.stream(far, 3_000, far.length).average().orElseThrow()).isLessThan(1.5);
      }
    }
  }

  private static int longest(PretrainingText text, TokenizedText stream) {
    int best = 0;
    for (int i = 1; i < 8; i++) {
      best = length(text, stream, i) > length(text, stream, best) ? i : best;
    }
    return best;
  }

  private static int length(PretrainingText text, TokenizedText stream, int i) {
    return stream.example(text.longDocument(Pretraining.HELD_OUT + 5_000_000 + i)).length();
  }

  @Test
  void itEndsItsTextsAndSaysTheSameAlways() throws IOException {
    try (Scope scope = Scope.open()) {
      LanguageModel model = scope.adopt(LanguageModel.load(KindredTiny.folder(cache)));
      try (Generator generator = new Generator(model);
          Tokenizer tokenizer = model.requireTokenizer()) {
        List<int[]> prompts =
            List.of(
                tokenizer.encode("Summary: The user loves comedy films", false),
                tokenizer.encode("<|im_start|>user\nCopy the text.\n\nInput: red", false));
        List<Generated> once = generator.generate(prompts, Generation.greedy(200));
        List<Generated> again = generator.generate(prompts, Generation.greedy(200));

        assertThat(once.get(0).stop()).isEqualTo(Generated.Stop.END_OF_TEXT);
        assertThat(once.get(1).stop()).isEqualTo(Generated.Stop.END_OF_TEXT);
        assertThat(again.get(0).ids()).isEqualTo(once.get(0).ids());
        assertThat(tokenizer.decode(once.get(0).ids(), true)).startsWith(" and also likes");
      }
    }
  }
}
