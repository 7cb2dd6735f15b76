package ai.kindred.examples.pretrain;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.lm.Activation;
import ai.kindred.core.lm.Family;
import ai.kindred.core.lm.LayerType;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Rope;
import ai.kindred.core.train.AdamW;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.TrainingConfig;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A pretraining run.
 *
 * @param seed of documents, weights and their order
 * @param steps optimiser steps
 * @param documents documents a step
 * @param longEvery of so many documents one is a long history
 * @param rate highest learning rate
 * @param decay decoupled weight decay
 * @param vocabulary tokens of the tokenizer
 * @param hidden width of the residual stream, a multiple of the head size of 32
 * @param layers decoder layers
 * @param context longest sequence, in tokens
 * @param precision type of activations and products; weights are trained in float32 always
 */
public record PretrainConfig(
    @Doc("seed of documents and weights") long seed,
    @Doc("optimiser steps") @Range(min = 2, max = 10_000_000) int steps,
    @Doc("documents a step") @Range(min = 1, max = 4096) int documents,
    @Doc("of so many documents one is long") @Range(min = 1) int longEvery,
    @Doc("highest learning rate") @Range(above = 0, max = 1) double rate,
    @Doc("decoupled weight decay") @Range(min = 0, max = 1) double decay,
    @Doc("tokens of the tokenizer") @Range(min = 260, max = 65_536) int vocabulary,
    @Doc("width of the residual stream") @Range(min = 32, max = 4096) int hidden,
    @Doc("decoder layers") @Range(min = 1, max = 64) int layers,
    @Doc("longest sequence in tokens") @Range(min = 64, max = 65_536) int context,
    @Doc("type of activations and products") Precision precision) {

  static final int HEAD = 32;
  private static final double SHARE_OF_WARMUP = 0.03;
  private static final double LAST_SHARE_OF_RATE = 0.05;
  private static final double LARGEST_GRADIENT = 1;
  static final int ROPE_THETA = 10_000;
  private static final int CHECKPOINTS = 2;

  /** Checks the numbers. */
  public PretrainConfig {
    require(steps >= 2, "steps", steps, "2 or more");
    require(documents >= 1, "documents", documents, "1 or more");
    require(longEvery >= 1, "longEvery", longEvery, "1 or more");
    require(rate > 0 && rate <= 1, "rate", rate, "above 0 and at most 1");
    require(decay >= 0 && decay <= 1, "decay", decay, "0 to 1");
    require(vocabulary >= 260 && vocabulary <= 65_536, "vocabulary", vocabulary, "260 to 65,536");
    require(layers >= 1 && layers <= 64, "layers", layers, "1 to 64");
    require(context >= 64 && context <= 65_536, "context", context, "64 to 65,536");
    require(hidden >= HEAD && hidden <= 4096, "hidden", hidden, "32 to 4,096");
    if (hidden % HEAD != 0) {
      throw new IllegalArgumentException(
          "hidden is " + hidden + "; it must be a multiple of the head size, " + HEAD);
    }
    if (precision == Precision.INT8) {
      throw new IllegalArgumentException("precision is int8; training needs float32 or bfloat16");
    }
  }

  private static void require(boolean holds, String name, Number value, String right) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + right);
    }
  }

  /**
   * The architecture: a Llama with tied embeddings; every head has keys of its own, with biases:
   * they let heads look at places, whatever stands there.
   */
  ModelConfig model(int tokens) {
    int heads = hidden / HEAD;
    return new ModelConfig(
        Family.LLAMA,
        tokens,
        hidden,
        hidden * 8 / 3,
        Activation.SILU,
        false,
        1e-5,
        context,
        new ModelConfig.Attention(heads, heads, HEAD, HEAD, true, true, null, null),
        Collections.nCopies(layers, LayerType.FULL),
        Map.of(LayerType.FULL, Rope.of(ROPE_THETA)),
        true,
        null,
        0,
        List.of(2, 0),
        DType.BFLOAT16);
  }

  /** AdamW with warm-up and a cosine down to a twentieth. */
  TrainingConfig training() {
    int warmup = Math.max(1, (int) Math.min(steps * SHARE_OF_WARMUP, 100));
    return TrainingConfig.defaults(
            steps, new Schedule.Cosine(rate, warmup, steps, LAST_SHARE_OF_RATE))
        .withOptimizer(new AdamW(0.9, 0.95, 1e-8, decay))
        .withClipNorm(LARGEST_GRADIENT)
        .withSeed(seed)
        .withValidation(Math.max(1, steps / 20), 0)
        .withCheckpoints(Math.max(1, Math.min(steps / 10, 100)), CHECKPOINTS);
  }
}
