package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.nn.Dropout;
import ai.kindred.core.nn.Linear;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How LoRA is put into a model.
 *
 * @param rank r
 * @param alpha the scale is alpha / r, or alpha / sqrt(r)
 * @param rsLora whether the scale is alpha / sqrt(r)
 * @param dropout of what A sees, in training
 * @param targets which products are adapted
 * @param rankPattern other ranks, by regular expressions for the last names of paths; the first
 *     that matches counts
 * @param alphaPattern other alphas, likewise
 */
public record LoraConfig(
    @Doc("rank") @Range(min = 1, max = 65536) int rank,
    @Doc("the scale is alpha / rank") double alpha,
    @Doc("scale by alpha / sqrt(rank) instead") boolean rsLora,
    @Doc("dropout of adapters' inputs in training") @Range(min = 0, below = 1) double dropout,
    @Doc("which products are adapted") Targets targets,
    @Doc("other ranks by regular expression") @Range(min = 1, max = 65536)
        Map<String, Integer> rankPattern,
    @Doc("other alphas by regular expression") Map<String, Double> alphaPattern)
    implements AdapterConfig {

  static final String PEFT_TYPE = "LORA";

  /**
   * @throws IllegalArgumentException if a number is out of its range or a pattern is none
   */
  public LoraConfig {
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    rankPattern.forEach(
        (pattern, r) -> {
          PathPattern.last(pattern);
          requireRank(r);
        });
    alphaPattern.keySet().forEach(PathPattern::last);
    requireRank(rank);
    if (!Double.isFinite(alpha)) {
      throw new IllegalArgumentException("alpha must be a number, not " + alpha);
    }
  }

  /** Rank 8 and scale 1 on all linear products, as PEFT has it but for the targets. */
  public static LoraConfig defaults() {
    return new LoraConfig(8, 8, false, 0, Targets.allLinear(), Map.of(), Map.of());
  }

  /** LoRA of a rank and alpha on some products. */
  public static LoraConfig of(int rank, double alpha, Targets targets) {
    return new LoraConfig(rank, alpha, false, 0, targets, Map.of(), Map.of());
  }

  private static void requireRank(int rank) {
    if (rank < 1) {
      throw new IllegalArgumentException("a rank is at least 1, not " + rank);
    }
  }

  @Override
  public String peftType() {
    return PEFT_TYPE;
  }

  @Override
  public Lora adapt(String path, Linear base, Init init) {
    int r = pick(rankPattern, path, rank);
    double a = pick(alphaPattern, path, alpha);
    return new Lora(
        base,
        init.kaimingUniform("lora_A", r, base.in()),
        init.zeros(base.out(), r),
        rsLora ? a / Math.sqrt(r) : a / r,
        dropout == 0
            ? Dropout.NONE
            : new Dropout(dropout, Key.of(0).fold("dropout").fold(path).seed()));
  }

  private static <T> T pick(Map<String, T> patterns, String path, T otherwise) {
    return patterns.entrySet().stream()
        .filter(e -> PathPattern.last(e.getKey()).matches(path))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(otherwise);
  }

  @Override
  public ObjectNode toJson() {
    return PeftLora.toJson(this);
  }
}
