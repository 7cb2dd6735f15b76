package ai.kindred.examples.golden;

import static ai.kindred.examples.golden.GoldenJson.field;
import static ai.kindred.examples.golden.GoldenJson.ints;
import static ai.kindred.examples.golden.GoldenJson.number;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Pass;
import ai.kindred.peft.AdapterFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A LoRA folder that PEFT wrote, with what PEFT computed from it. */
record LoraCase(String name, Path folder, Path data) implements GoldenCase {

  private static final double LOSS = 1e-4;
  private static final double GRADIENT = 1e-3;
  private static final double LOGIT = 1e-3;

  private record In(Params params, TokenBatch batch) {}

  @Override
  public List<Check> run() throws IOException {
    JsonNode golden = GoldenJson.read(folder.resolve("case.json"));
    try (Scope scope = Scope.open()) {
      LanguageModel base =
          scope.keep(
              LanguageModel.load(
                  data.resolve(field(golden, "base").textValue()), Precision.FLOAT32));
      LanguageModel model = AdapterFolder.at(folder).load(base).model();
      PackedBatch batch = GoldenJson.labelled(golden);
      List<Check> checks = new ArrayList<>();
      checks.add(logits(model, golden));
      checks.addAll(lossAndGradients(model, batch, golden));
      return checks;
    }
  }

  /** Scores at the end of the first row. */
  private static Check logits(LanguageModel model, JsonNode golden) {
    int[] ids = ints(field(golden, "input_ids").required(0));
    JsonNode expected = field(golden, "last_logits_row0");
    try (Scorer scorer = new Scorer(model);
        Tensor all = scorer.logits(GoldenJson.every(ids));
        Tensor last = all.select(0, ids.length - 1)) {
      float[] actual = last.toFloats();
      double worst = 0;
      for (int v = 0; v < expected.size(); v++) {
        worst = Check.worse(worst, Math.abs(actual[v] - expected.get(v).doubleValue()));
      }
      return new Check("last logits", worst, LOGIT);
    }
  }

  private static Tensor loss(LanguageModel model, In in) {
    LanguageModel m = Tree.with(model, in.params());
    Pass pass = m.pass(in.batch(), true, false, null);
    Tensor h = m.base().hidden(in.batch().ids(), pass).indexSelect(0, in.batch().targets());
    return m.base().negativeLogLikelihood(h, in.batch().labels(), pass).mean();
  }

  private List<Check> lossAndGradients(LanguageModel model, PackedBatch batch, JsonNode golden)
      throws IOException {
    try (Kernel<In, Grad<Params>> kernel =
        Kernel.of(in -> Grad.of(p -> loss(model, new In(p, in.batch())), in.params()))) {
      Grad<Params> g = kernel.call(new In(model.params(Adapter.class), TokenBatch.of(batch)));
      return List.of(
          Check.relative("loss, relative", g.value().item(), number(golden, "first_loss"), LOSS),
          new Check("gradients, relative", farthest(g.grads(), "gradients.safetensors"), GRADIENT));
    }
  }

  /** The largest |a - e| / |e| over tensors, in Euclidean norm. */
  private double farthest(Params actual, String file) throws IOException {
    double worst = 0;
    try (SafetensorsFile expected = SafetensorsFile.open(folder.resolve(file))) {
      if (expected.names().size() != actual.asMap().size()) {
        return Double.POSITIVE_INFINITY;
      }
      for (Map.Entry<String, Tensor> entry : actual.asMap().entrySet()) {
        float[] want = expected.get(stored(entry.getKey())).toFloats();
        worst = Check.worse(worst, distance(entry.getValue().toFloats(), want));
      }
    }
    return worst;
  }

  /** Golden files have PEFT's capital: lora_A.weight. */
  private static String stored(String path) {
    int last = path.length() - 1;
    return path.substring(0, last) + Character.toUpperCase(path.charAt(last)) + ".weight";
  }

  private static double distance(float[] actual, float[] expected) {
    double off = 0;
    double all = 0;
    for (int i = 0; i < expected.length; i++) {
      off += Math.pow((double) actual[i] - expected[i], 2);
      all += Math.pow(expected[i], 2);
    }
    return Math.sqrt(off / all);
  }

  /** Mean negative log-likelihood of the labels. */
  static double meanLoss(LanguageModel model, PackedBatch batch) {
    try (Scorer scorer = new Scorer(model)) {
      return Arrays.stream(scorer.negativeLogLikelihoods(batch)).average().orElse(Double.NaN);
    }
  }
}
