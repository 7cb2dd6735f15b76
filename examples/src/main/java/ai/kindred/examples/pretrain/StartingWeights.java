package ai.kindred.examples.pretrain;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Gives drawn attention weights a start that a short run would spend most of its time to find, in
 * the manner of mimetic initialisation (Trockman and Kolter, 2023, arXiv:2305.09828). What is built
 * is an induction head (Olsson et al., 2022, arXiv:2209.11895), roughly and in few of the heads:
 *
 * <ul>
 *   <li>in the first layer, heads 0, 1 and 2 look at the token one, two and three places before, by
 *       biases alone; head 0 hands on what token that was, {@code v = P x},
 *   <li>in the second layer, heads 0 and 1 ask with {@code P x} for places whose token before was
 *       like the present one, and add the token found there to the stream,
 *   <li>other heads from the second layer on start with keys like their queries, so that a token
 *       looks at earlier tokens like itself.
 * </ul>
 *
 * <p>All of it is trained like the rest. At a learning rate of 0.003 it is gone after some hundred
 * steps and did not come back in a million tokens; at 0.0007 it stays and grows.
 */
final class StartingWeights {

  private static final String TOKENS = "model.embed_tokens.weight";
  private static final int HEAD = PretrainConfig.HEAD;
  private static final int HALF = HEAD / 2;

  /** Heads of the first layer that look back; head h looks h + 1 places back. */
  private static final int LOOKING_BACK = 3;

  /** Heads of the second layer that find and copy. */
  private static final int COPYING = 2;

  /** Pairs of the rotary embedding, from the fastest, that tell neighbouring places apart. */
  private static final int FAST_PAIRS = 4;

  /** Pairs from here on hardly turn within a document: tokens are compared in these. */
  private static final int FIRST_SLOW_PAIR = 8;

  /** Scores of neighbours fall by 3 with this length of each fast pair. */
  private static final double LENGTH = 5;

  /** Weights drawn for models many times as wide would leave all scores near 0. */
  private static final double SCALE = 2.5;

  /** So do embeddings, and with them the scores of the next token that come from copying. */
  private static final double EMBEDDING = 5;

  /**
   * Of queries and keys that compare tokens: a match scores about 25, chance 0 with deviation 6.
   */
  private static final double MATCHING = 3;

  /** What a head hands on is about as large as a token's embedding, 0.1. */
  private static final double HANDED_ON = 0.025;

  /** Root mean square of the stream after that. */
  private static final double STREAM = 0.14;

  /** What a head copies is larger than all else in the stream. */
  private static final double COPIED = 1;

  private final int width;
  private final Map<String, float[]> changed = new HashMap<>();

  private StartingWeights(LanguageModel drawn) {
    this.width = drawn.config().hiddenSize();
    Tree.leaves(drawn)
        .forEach(
            (path, tensor) -> {
              if (path.contains(".self_attn.") || path.equals(TOKENS)) {
                changed.put(path, tensor.toFloats());
              }
            });
  }

  /** The model with such attention; a model with fewer than two layers or heads stays as drawn. */
  static LanguageModel copying(LanguageModel drawn, Key key) {
    int heads = drawn.config().hiddenSize() / HEAD;
    if (drawn.config().layers() < 2 || heads < LOOKING_BACK) {
      return drawn;
    }
    StartingWeights weights = new StartingWeights(drawn);
    weights.embedding();
    weights.looking(drawn.config().layers());
    weights.finding(key.random());
    return Tree.mapPaths(
        drawn,
        (path, tensor) -> {
          float[] values = weights.changed.get(path);
          return values == null ? tensor : Tensor.of(values, tensor.lengths());
        });
  }

  private float[] at(int layer, String name) {
    float[] values = changed.get("model.layers." + layer + ".self_attn." + name);
    if (values == null) {
      throw new IllegalArgumentException("The model has no " + name + " in layer " + layer);
    }
    return values;
  }

  private void embedding() {
    float[] rows = changed.getOrDefault(TOKENS, new float[0]);
    for (int i = 0; i < rows.length; i++) {
      rows[i] *= (float) EMBEDDING;
    }
  }

  private void looking(int layers) {
    for (int layer = 0; layer < layers; layer++) {
      float[] query = at(layer, "q_proj.weight");
      float[] keys = at(layer, "k_proj.weight");
      for (int i = 0; i < query.length; i++) {
        query[i] *= (float) SCALE;
        keys[i] = layer == 0 ? keys[i] * (float) SCALE : query[i];
      }
    }
    float[] query = at(0, "q_proj.bias");
    float[] keys = at(0, "k_proj.bias");
    for (int head = 0; head < LOOKING_BACK; head++) {
      for (int i = 0; i < FAST_PAIRS; i++) {
        // The product peaks h + 1 places back: the query is turned back by so many steps.
        double angle = (head + 1) * Math.pow(PretrainConfig.ROPE_THETA, -i / (double) HALF);
        int at = head * HEAD + i;
        query[at] = (float) (LENGTH * Math.cos(angle));
        query[at + HALF] = (float) (-LENGTH * Math.sin(angle));
        keys[at] = (float) LENGTH;
      }
    }
  }

  private void finding(SplittableRandom random) {
    float[] value = at(0, "v_proj.weight");
    float[] out = at(0, "o_proj.weight");
    float[] query = at(1, "q_proj.weight");
    float[] keys = at(1, "k_proj.weight");
    double unit = 1 / Math.sqrt(width);
    // Found in the stream again by the transpose of what wrote it there.
    double again = MATCHING * STREAM / (width * HANDED_ON);
    for (int row = 0; row < HEAD; row++) {
      boolean slow = row % HALF >= FIRST_SLOW_PAIR;
      for (int i = 0; i < width; i++) {
        double p = slow ? unit * random.nextGaussian() : 0;
        double o = random.nextGaussian();
        value[row * width + i] = (float) p;
        out[i * width + row] = (float) (HANDED_ON * o);
        for (int head = 0; head < COPYING; head++) {
          int at = (head * HEAD + row) * width + i;
          query[at] = (float) (MATCHING * p);
          keys[at] = (float) (slow ? again * o : 0);
        }
      }
    }
    float[] read = at(1, "v_proj.weight");
    float[] written = at(1, "o_proj.weight");
    for (int row = 0; row < COPYING * HEAD; row++) {
      for (int i = 0; i < width; i++) {
        double r = unit * random.nextGaussian();
        read[row * width + i] = (float) r;
        written[i * width + row] = (float) (COPIED * r);
      }
    }
  }
}
