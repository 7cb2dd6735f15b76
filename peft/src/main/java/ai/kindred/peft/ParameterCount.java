package ai.kindred.peft;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Embedding;

/**
 * What adapters add to a model, counted in two ways that must not be mixed up.
 *
 * @param added elements of the adapters' tensors
 * @param base elements of all other tensors
 * @param embedding those of them in embedding tables
 */
public record ParameterCount(long added, long base, long embedding) {

  private static final double PUBLISHED_FACTOR = 4;

  /** The counts of an adapted model. */
  public static ParameterCount of(Object model) {
    Params added = Tree.params(model, Adapter.class);
    long all = Tree.params(model).elements();
    long tables =
        Tree.parts(model, Embedding.class).values().stream()
            .mapToLong(table -> Tree.params(table).elements())
            .sum();
    return new ParameterCount(added.elements(), all - added.elements(), tables);
  }

  /** Added parameters in percent of all, adapters included: what PEFT prints. */
  public double percent() {
    return 100.0 * added / (added + base);
  }

  /**
   * The percentages of the MoDE paper: 4 times the added parameters by the base model's that are no
   * embeddings. The factor is not explained there; it is what makes the formulas below reproduce
   * the published figures.
   */
  public double publishedPercent() {
    return 100 * PUBLISHED_FACTOR * added / (base - embedding);
  }

  /** LoRA of rank r on a product from {@code in} to {@code out}. */
  public static long lora(long r, long in, long out) {
    return r * (in + out);
  }

  /** m whole LoRAs and a router. */
  public static long moLora(long m, long r, long in, long out) {
    return m * r * (in + out) + m * in;
  }

  /** m up-projections and a router on a shared down-projection. */
  public static long moLoraSd(long m, long r, long in, long out) {
    return mode(m, r, r, in, out);
  }

  /** A mixture of dyadic experts. */
  public static long mode(long m, long r, long p, long in, long out) {
    return r * in + m * r * out + r / p * m * in;
  }
}
