package ai.kindred.examples.golden;

import static ai.kindred.examples.golden.GoldenJson.field;
import static ai.kindred.examples.golden.GoldenJson.ints;
import static ai.kindred.examples.golden.GoldenJson.number;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.TokenBatch;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.train.AdamW;
import ai.kindred.core.train.Optimizer;
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

  private record In(
      Params params, Optimizer.State state, TokenBatch batch, Tensor key, Tensor learningRate) {}

  private record Out(Grad<Params> gradient, Optimizer.Update update) {}

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
      checks.addAll(steps(model, batch, golden));
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

  /** Loss, gradients, and what AdamW makes of them. */
  private List<Check> steps(LanguageModel model, PackedBatch batch, JsonNode golden)
      throws IOException {
    JsonNode settings = field(golden, "optimizer");
    AdamW adamW =
        new AdamW(
            field(settings, "betas").required(0).doubleValue(),
            field(settings, "betas").required(1).doubleValue(),
            number(settings, "eps"),
            number(settings, "weight_decay"));
    Tensor rate = Tensor.scalar(number(settings, "lr"), DType.FLOAT64);
    Tensor key = Tensor.of(Key.of(0));
    TokenBatch tokens = TokenBatch.of(batch);
    LanguageModelObjective objective = LanguageModelObjective.of(model);
    List<Check> checks = new ArrayList<>();
    try (Kernel<In, Out> step = Kernel.of(in -> step(adamW, objective, in))) {
      Params params = model.params(Adapter.class);
      Optimizer.State state = adamW.init(params);
      double losses = 0;
      for (JsonNode expected : field(golden, "losses_before_each_step")) {
        Out out = step.call(new In(params, state, tokens, key, rate));
        double loss = out.gradient().value().item();
        if (checks.isEmpty()) {
          checks.add(Check.relative("loss, relative", loss, number(golden, "first_loss"), LOSS));
          double gradients = farthest(out.gradient().grads(), "gradients.safetensors");
          checks.add(new Check("gradients, relative", gradients, GRADIENT));
        }
        losses = Check.worse(losses, Check.relativeError(loss, expected.doubleValue()));
        params = out.update().params();
        state = out.update().state();
      }
      checks.add(new Check("losses of steps, relative", losses, LOSS));
      double values = farthest(params, "after_steps.safetensors");
      checks.add(new Check("values after steps, relative", values, GRADIENT));
      LanguageModel trained = Tree.with(model, params);
      double after = meanLoss(trained, batch);
      checks.add(
          Check.relative("loss after steps", after, number(golden, "loss_after_steps"), LOSS));
      double merged = meanLoss(trained.merged(), batch);
      checks.add(Check.relative("loss when merged", merged, number(golden, "loss_merged"), LOSS));
    }
    return checks;
  }

  private static Out step(AdamW adamW, LanguageModelObjective objective, In in) {
    Grad<Params> g = Grad.of(p -> objective.loss(p, in.batch(), in.key()), in.params());
    return new Out(g, adamW.step(in.params(), g.grads(), in.state(), in.learningRate()));
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
  private static double meanLoss(LanguageModel model, PackedBatch batch) {
    try (Scorer scorer = new Scorer(model)) {
      return Arrays.stream(scorer.negativeLogLikelihoods(batch)).average().orElse(Double.NaN);
    }
  }
}
