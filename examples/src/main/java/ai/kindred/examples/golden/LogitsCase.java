package ai.kindred.examples.golden;

import static ai.kindred.examples.golden.GoldenJson.field;
import static ai.kindred.examples.golden.GoldenJson.ints;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Logits, likelihoods, hidden states and greedy continuations of a model in float32, as
 * transformers computes them.
 *
 * @param name the case's
 * @param file the golden values
 * @param model folder of the model
 * @param logitTolerance largest deviation of a logit
 */
record LogitsCase(String name, Path file, Path model, double logitTolerance) implements GoldenCase {

  @Override
  public List<Check> run() throws IOException {
    JsonNode golden = GoldenJson.read(file);
    List<Check> checks = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      LanguageModel loaded = scope.keep(LanguageModel.load(model, Precision.FLOAT32));
      try (Scorer scorer = new Scorer(loaded)) {
        double logits = 0;
        double likelihood = 0;
        double states = Double.NEGATIVE_INFINITY;
        for (JsonNode one : field(golden, "cases")) {
          PackedBatch batch = GoldenJson.every(ints(field(one, "ids")));
          logits = Check.worse(logits, logitError(scorer, batch, one));
          likelihood = Check.worse(likelihood, likelihoodError(scorer, batch, one));
          if (one.has("hidden_mean_abs")) {
            states = Check.worse(states, stateError(scorer, batch, field(one, "hidden_mean_abs")));
          }
        }
        checks.add(new Check("last logits", logits, logitTolerance));
        checks.add(new Check("likelihood, relative", likelihood, 1e-4));
        if (states >= 0) {
          checks.add(new Check("hidden states, mean size", states, 1e-4));
        }
      }
      checks.add(Greedy.check(loaded, field(golden, "greedy")));
    }
    return checks;
  }

  private static double logitError(Scorer scorer, PackedBatch batch, JsonNode one) {
    JsonNode expected =
        one.has("last_logits") ? field(one, "last_logits") : field(one, "last_logits_first64");
    try (Tensor all = scorer.logits(batch);
        Tensor last = all.select(0, batch.tokens() - 1)) {
      float[] actual = last.toFloats();
      double worst = 0;
      for (int v = 0; v < expected.size(); v++) {
        worst = Check.worse(worst, Math.abs(actual[v] - expected.get(v).doubleValue()));
      }
      return worst;
    }
  }

  private static double likelihoodError(Scorer scorer, PackedBatch batch, JsonNode one) {
    double[] each = scorer.negativeLogLikelihoods(batch);
    double sum = Arrays.stream(each).limit(each.length - 1L).sum();
    return Check.relativeError(sum, GoldenJson.number(one, "nll_sum"));
  }

  private static double stateError(Scorer scorer, PackedBatch batch, JsonNode expected) {
    double worst = 0;
    int i = 0;
    for (Tensor h : scorer.hiddenStates(batch)) {
      double mean = Scope.tidy(() -> h.abs().mean().item());
      worst = Check.worse(worst, Math.abs(mean - expected.required(i++).doubleValue()));
      h.close();
    }
    return worst;
  }
}
