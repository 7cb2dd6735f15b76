package ai.kindred.examples.golden;

import static ai.kindred.examples.golden.GoldenJson.field;

import ai.kindred.core.metrics.Rouge;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** ROUGE of pairs of texts, as rouge-score computes it. */
record RougeCase(String name, Path file) implements GoldenCase {

  @Override
  public List<Check> run() throws IOException {
    JsonNode pairs = field(GoldenJson.read(file), "pairs");
    return List.of(check(pairs, "plain", false), check(pairs, "stemmer", true));
  }

  private static Check check(JsonNode pairs, String which, boolean stem) {
    Rouge rouge = new Rouge(stem);
    double worst = 0;
    for (JsonNode pair : pairs) {
      Rouge.Scores scores =
          rouge.scores(field(pair, "reference").textValue(), field(pair, "candidate").textValue());
      JsonNode expected = field(pair, which);
      worst = Check.worse(worst, error(scores.rouge1(), field(expected, "rouge1")));
      worst = Check.worse(worst, error(scores.rouge2(), field(expected, "rouge2")));
      worst = Check.worse(worst, error(scores.rougeL(), field(expected, "rougeL")));
      worst = Check.worse(worst, error(scores.rougeLsum(), field(expected, "rougeLsum")));
    }
    return new Check(which + " scores", worst, 1e-9);
  }

  private static double error(Rouge.Score score, JsonNode expected) {
    double precision = Math.abs(score.precision() - expected.required(0).doubleValue());
    double recall = Math.abs(score.recall() - expected.required(1).doubleValue());
    double f = Math.abs(score.f() - expected.required(2).doubleValue());
    return Check.worse(precision, Check.worse(recall, f));
  }
}
