package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How routers are made and what they do with their scores.
 *
 * @param bias whether scores have a bias, zero at first
 * @param init what the first weights (kaiming-uniform with slope sqrt 5, as HydraLoRA's) are
 *     multiplied by
 * @param temperature what scores are divided by
 * @param topK experts a slot that get a weight, or null for all of them
 */
public record RouterConfig(
    @Doc("whether scores have a bias") boolean bias,
    @Doc("factor of the first weights") @Range(min = 0, max = 1000) double init,
    @Doc("what scores are divided by") @Range(above = 0, max = 1e6) double temperature,
    @Doc("experts a slot that get a weight; none: all") @Range(min = 1, max = 65536)
        @Nullable Integer topK) {

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public RouterConfig {
    if (!(init >= 0) || Double.isInfinite(init)) {
      throw new IllegalArgumentException("router init is not negative, not " + init);
    }
    check(temperature, topK, Integer.MAX_VALUE);
  }

  /** As in the papers: no bias, temperature 1, every expert gets a weight. */
  public static RouterConfig defaults() {
    return new RouterConfig(false, 1, 1, null);
  }

  /** This with a bias, or not. */
  public RouterConfig withBias(boolean biased) {
    return new RouterConfig(biased, init, temperature, topK);
  }

  /** This with the first weights multiplied by another factor. */
  public RouterConfig withInit(double factor) {
    return new RouterConfig(bias, factor, temperature, topK);
  }

  /** This with another temperature. */
  public RouterConfig withTemperature(double other) {
    return new RouterConfig(bias, init, other, topK);
  }

  /** This with weights for so many experts a slot only. */
  public RouterConfig withTopK(int k) {
    return new RouterConfig(bias, init, temperature, k);
  }

  static void check(double temperature, @Nullable Integer topK, int experts) {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException("a temperature is above 0, not " + temperature);
    }
    if (topK != null && (topK < 1 || topK > experts)) {
      throw new IllegalArgumentException(
          "top-k must be 1 to the number of experts"
              + (experts == Integer.MAX_VALUE ? "" : ", " + experts)
              + ", not "
              + topK);
    }
  }

  /** A new router for x [T, in]. */
  Router router(Init from, String name, long slots, int experts, long in) {
    long scores = slots * experts;
    return new Router(
        init == 0
            ? from.zeros(scores, in)
            : from.uniform(name, init / Math.sqrt((double) in), scores, in),
        bias ? from.zeros(scores) : null,
        experts,
        temperature,
        topK);
  }

  /** What is likely to be a mistake, with so many experts a slot. */
  List<String> warnings(int experts) {
    return init == 0 && experts > 1
        ? List.of(
            "the router's init is 0: with B = 0 every expert of a slot gets the same gradient and"
                + " the router none, so the experts never come apart; leave it at 1")
        : List.of();
  }
}
