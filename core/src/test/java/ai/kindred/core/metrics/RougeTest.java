package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.metrics.Rouge.Score;
import ai.kindred.core.metrics.Rouge.Scores;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RougeTest {
  private static final Score ZERO = new Score(0, 0, 0);
  private static final Score ONE = new Score(1, 1, 1);
  private final Rouge plain = new Rouge(false);
  private final Rouge stemmed = new Rouge(true);

  @Test
  void equalsTheGoldenFile() throws IOException {
    Path file = Path.of(System.getProperty("kindred.data", "")).resolve("../golden/rouge.json");
    assumeTrue(Files.exists(file), "no golden values at " + file + ": set -Dkindred.data");
    JsonNode pairs = new ObjectMapper().readTree(Files.readString(file)).get("pairs");
    assertThat(pairs).hasSizeGreaterThan(50);
    for (JsonNode pair : pairs) {
      String reference = pair.get("reference").asText();
      String candidate = pair.get("candidate").asText();
      check(plain.scores(reference, candidate), pair.get("plain"), reference);
      check(stemmed.scores(reference, candidate), pair.get("stemmer"), reference);
    }
  }

  private static void check(Scores ours, JsonNode golden, String reference) {
    check(ours.rouge1(), golden.get("rouge1"), reference);
    check(ours.rouge2(), golden.get("rouge2"), reference);
    check(ours.rougeL(), golden.get("rougeL"), reference);
    check(ours.rougeLsum(), golden.get("rougeLsum"), reference);
  }

  private static void check(Score ours, JsonNode golden, String reference) {
    assertThat(ours.precision()).as(reference).isCloseTo(golden.get(0).asDouble(), within(1e-9));
    assertThat(ours.recall()).as(reference).isCloseTo(golden.get(1).asDouble(), within(1e-9));
    assertThat(ours.f()).as(reference).isCloseTo(golden.get(2).asDouble(), within(1e-9));
  }

  @Test
  void scoresAPairWorkedByHand() {
    // Reference 6 words, candidate 5; shared: the, cat, sat, the, mat; bigrams 5 and 4, shared 3.
    Scores scores = plain.scores("the cat sat on the mat", "the cat sat the mat");
    assertThat(scores.rouge1()).isEqualTo(new Score(1, 5 / 6., 10 / 11.));
    assertThat(scores.rouge2().precision()).isEqualTo(3 / 4.);
    assertThat(scores.rouge2().recall()).isEqualTo(3 / 5.);
    assertThat(scores.rougeL()).isEqualTo(scores.rouge1());
  }

  @Test
  void theSummaryVariantUnitesLinesAndCountsNoWordTwice() {
    // Lin (2004), section 3.2: the union of {w1 w2} and {w1 w3 w5} has 4 of the 5 words.
    Score score = plain.rougeLsum("w1 w2 w3 w4 w5", "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5");
    assertThat(score.recall()).isEqualTo(4 / 5.);
    assertThat(score.precision()).isEqualTo(4 / 10.);
    // Three lines of the reference match, but the candidate has the word once.
    assertThat(plain.rougeLsum("a\na\na", "a").recall()).isEqualTo(1 / 3.);
    // A carriage return does not end a sentence: as one sentence only one of the words is kept.
    assertThat(plain.rougeLsum("a\rb", "b\ra").recall()).isEqualTo(1 / 2.);
    assertThat(plain.rougeLsum("a\nb", "b\na").recall()).isEqualTo(1);
  }

  @Test
  void textsWithoutAsciiLettersOrDigitsScoreZero() {
    assertThat(plain.scores("", "")).isEqualTo(new Scores(ZERO, ZERO, ZERO, ZERO));
    assertThat(plain.scores("\n\n", "word").rougeLsum()).isEqualTo(ZERO);
    assertThat(plain.scores("東京", "東京").rouge1()).isEqualTo(ZERO);
    // The Kelvin sign is a k in lower case; a dotted capital I leaves an i.
    assertThat(plain.rougeN(1, "10 \u212A", "10 k")).isEqualTo(ONE);
    assertThat(plain.rougeN(1, "\u0130", "i")).isEqualTo(ONE);
  }

  @Test
  void stemsOnlyWordsOfMoreThanThreeLetters() {
    assertThat(stemmed.rougeN(1, "running runs", "run runs")).isEqualTo(ONE);
    assertThat(stemmed.rougeN(1, "its", "it")).isEqualTo(ZERO);
  }

  @Test
  void takesTheBestReferenceForEachVariant() {
    List<String> references = List.of("a b c d", "d c", "a c b d");
    Scores best = plain.scores(references, "c d");
    assertThat(best.rouge1()).isEqualTo(ONE);
    assertThat(best.rouge2().recall()).isEqualTo(1 / 3.);
    assertThat(best.rougeL()).isEqualTo(plain.rougeL(references, "c d"));
    assertThat(best.rougeL().recall()).isEqualTo(1 / 2.);
    assertThatThrownBy(() -> plain.scores(List.of(), "a"))
        .hasMessage("ROUGE needs at least one reference, the list is empty");
    assertThatThrownBy(() -> plain.rougeN(0, "a", "a"))
        .hasMessage("ROUGE-N needs n from 1 to 9, not 0");
  }

  @Test
  void longTextsAreScoredOrRefusedNeverEndless() {
    String words = "one two three four five\n".repeat(4_000);
    assertThat(plain.rougeL(words, words)).isEqualTo(ONE);
    assertThat(plain.rougeLsum(words.substring(0, 24_000), words).precision()).isEqualTo(0.25);
    assertThatThrownBy(() -> plain.rougeL("a ".repeat(300_000), "b ".repeat(300_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reference of 300,000 words in 1 lines")
        .hasMessageContaining("score the texts in parts");
    assertThatThrownBy(() -> plain.rougeLsum("a\n".repeat(50_000), "b\n".repeat(50_000)))
        .hasMessageContaining("in 50,000 lines");
  }
}
