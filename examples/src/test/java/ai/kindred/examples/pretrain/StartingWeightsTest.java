package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartingWeightsTest {

  private static final int TOKENS = 24;

  @TempDir Path cache;

  private static PretrainConfig config(int layers) {
    return new PretrainConfig(1, 2, 1, 400, 0.001, 0, 2560, 192, layers, 4096, Precision.FLOAT32);
  }

  /** Random tokens twice: the second time each can be found, the first time none. */
  @Test
  void anUntrainedModelCopiesWhatComesAgain() throws IOException {
    try (Scope scope = Scope.open();
        Tokenizer tokenizer = Tokenizer.load(KindredTiny.folder(cache))) {
      LanguageModel drawn =
          LanguageModel.initialised(config(4).model(tokenizer.vocabSize()), tokenizer, Key.of(1));
      LanguageModel copying = StartingWeights.copying(drawn, Key.of(2));
      double[] plain = costs(drawn, tokenizer.vocabSize());
      double[] copied = costs(copying, tokenizer.vocabSize());

      assertThat(plain[1]).isCloseTo(plain[0], within(0.1));
      assertThat(copied[1]).isLessThan(copied[0] - 2).isLessThan(plain[1] - 2);
      assertThat(scope.size()).isPositive();
    }
  }

  /** Nats a token: the first time, and the second. */
  private static double[] costs(LanguageModel model, int vocabulary) {
    SplittableRandom random = Key.of(3).random();
    double[] sums = new double[2];
    int sequences = 20;
    try (Scorer scorer = new Scorer(model)) {
      for (int s = 0; s < sequences; s++) {
        int[] once = random.ints(TOKENS, 10, vocabulary).toArray();
        int[] twice = Arrays.copyOf(once, 2 * TOKENS);
        System.arraycopy(once, 0, twice, TOKENS, TOKENS);
        TokenizedExample example =
            new TokenizedExample(
                new int[] {twice[0]}, Arrays.copyOfRange(twice, 1, twice.length), 0);
        double[] nats = scorer.negativeLogLikelihoods(PackedBatch.of(List.of(example)));
        // The first token of the second time is as new as those before it.
        sums[0] += Arrays.stream(nats, 0, TOKENS - 1).average().orElseThrow();
        sums[1] += Arrays.stream(nats, TOKENS, nats.length).average().orElseThrow();
      }
    }
    return new double[] {sums[0] / sequences, sums[1] / sequences};
  }

  @Test
  void aModelOfOneLayerStaysAsDrawn() throws IOException {
    try (Scope scope = Scope.open();
        Tokenizer tokenizer = Tokenizer.load(KindredTiny.folder(cache))) {
      LanguageModel drawn =
          LanguageModel.initialised(config(1).model(tokenizer.vocabSize()), tokenizer, Key.of(1));

      assertThat(StartingWeights.copying(drawn, Key.of(2))).isSameAs(drawn);
      assertThat(Tree.params(drawn).elements()).isPositive();
      assertThat(scope.size()).isPositive();
    }
  }
}
