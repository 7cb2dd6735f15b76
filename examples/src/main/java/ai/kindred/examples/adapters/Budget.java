package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.nn.Adapter;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.Targets;
import java.util.Collection;

/**
 * A number of parameters that may be added, and the shapes that come closest to it.
 *
 * @param in inputs of all adapted products together
 * @param out outputs of all adapted products together
 * @param parameters elements that may be added
 */
record Budget(long in, long out, long parameters) {

  private static final int FEWEST_EXPERTS = 3;
  private static final int MOST_EXPERTS = 6;

  /** What LoRA of a rank adds to a model's products. */
  @SuppressWarnings("try") // the scope works by being open
  static Budget ofLora(LanguageModel model, Targets targets, int rank) {
    try (Scope scope = Scope.open()) {
      LanguageModel adapted = Adapters.add(model, LoraConfig.of(1, 1, targets), Key.of(0));
      Collection<Adapter> adapters = Tree.parts(adapted, Adapter.class).values();
      long in = adapters.stream().mapToLong(a -> a.base().in()).sum();
      long out = adapters.stream().mapToLong(a -> a.base().out()).sum();
      return new Budget(in, out, Method.LORA.parameters(1, rank, rank, in, out));
    }
  }

  /** Elements that a shape adds. */
  long parameters(Shape shape) {
    return shape.method().parameters(shape.m(), shape.r(), shape.p(), in, out);
  }

  /** How far a shape is above the budget, in percent of it. */
  double mismatch(Shape shape) {
    return 100.0 * (parameters(shape) - parameters) / parameters;
  }

  /**
   * The closest shape of a method with 3 to 6 experts and any rank, experts of rank one in MoDE; of
   * equally close ones that with about 4 experts.
   */
  Shape closest(Method method) {
    Shape best = method == Method.LORA ? Shape.lora(1) : shape(method, FEWEST_EXPERTS, 1);
    int from = method == Method.LORA ? 1 : FEWEST_EXPERTS;
    int to = method == Method.LORA ? 1 : MOST_EXPERTS;
    for (int m = from; m <= to; m++) {
      for (int r = 1; ; r++) {
        Shape shape = shape(method, m, r);
        best = closer(shape, best);
        if (parameters(shape) >= parameters) {
          break;
        }
      }
    }
    return best;
  }

  private static Shape shape(Method method, int m, int r) {
    return new Shape(method, m, r, method == Method.MODE ? 1 : r);
  }

  /** The closest mixture of dyadic experts of a given rank and expert rank. */
  Shape closest(int r, int p) {
    Shape best = new Shape(Method.MODE, 1, r, p);
    for (int m = 1; ; m++) {
      Shape shape = new Shape(Method.MODE, m, r, p);
      best = closer(shape, best);
      if (parameters(shape) >= parameters) {
        return best;
      }
    }
  }

  private Shape closer(Shape shape, Shape best) {
    double by = Math.abs(mismatch(shape)) - Math.abs(mismatch(best));
    boolean rounder = Math.abs(shape.m() - 4) < Math.abs(best.m() - 4);
    return by < 0 || (by == 0 && rounder) ? shape : best;
  }
}
