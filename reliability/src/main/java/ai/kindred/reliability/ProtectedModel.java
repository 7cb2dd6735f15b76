package ai.kindred.reliability;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Embedding;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Table;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.Secded72;
import ai.kindred.reliability.code.TripleModularRedundancy;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fit.Fitted;
import ai.kindred.reliability.fit.Format;
import ai.kindred.reliability.fit.Quantiser;
import ai.kindred.reliability.fit.Shares;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A language model whose products lie in protected memory. Scales, biases and norms, a flip of
 * which would hit a whole row, are kept three times; embedding tables have check bits beside them.
 *
 * <pre>{@code
 * ProtectedModel safe = ProtectedModel.protect(model, ProtectionOptions.zeroSpace(Reading.IN_KERNEL));
 * try (Scrubber scrubber = safe.scrubber(100 << 20); Generator g = new Generator(safe.model())) { .. }
 * LanguageModel plain = safe.unprotected();
 * }</pre>
 *
 * @param model the model: a tree like any other, its protected products among its parts
 * @param memory all protected memory
 * @param layers what protecting each product took
 * @param skipped products that stay as they were, and why
 * @param doubles what becomes of words that cannot be repaired
 */
public record ProtectedModel(
    LanguageModel model,
    List<ProtectedTensor> memory,
    List<ProtectedLayer> layers,
    List<String> skipped,
    Doubles doubles) {

  /** Copies. */
  public ProtectedModel {
    memory = List.copyOf(memory);
    layers = List.copyOf(layers);
    skipped = List.copyOf(skipped);
  }

  /**
   * Protects a model: products in 8 bits as they are, or in floats, which are quantised. The model
   * given stays as it is.
   */
  public static ProtectedModel protect(LanguageModel model, ProtectionOptions options) {
    return Scope.tidy(() -> new Protecting(model, options).run(model));
  }

  /** One run of {@link #protect}. */
  private static final class Protecting {

    private static final int BLOCK = 16;

    private final ProtectionOptions options;
    private final ProductMemory place;
    private final List<ProtectedTensor> memory = new ArrayList<>();
    private final List<ProtectedLayer> layers = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    Protecting(LanguageModel model, ProtectionOptions options) {
      this.options = options;
      this.place = ProductMemory.of(Tree.parts(model, Linear.class).values(), options.reading());
    }

    ProtectedModel run(LanguageModel model) {
      LanguageModel products = Tree.rewrite(model, Linear.class, this::product);
      LanguageModel tables = Tree.rewrite(products, Embedding.class, this::table);
      LanguageModel all =
          Tree.mapPaths(
              tables,
              (path, t) ->
                  t.rank() != 1 || !t.dtype().isFloating() || isKept(path)
                      ? t
                      : threefold(path, t));
      return new ProtectedModel(all, memory, layers, skipped, options.doubles());
    }

    private Embedding table(String path, Embedding embedding) {
      if (!(embedding instanceof Table table)) {
        return embedding;
      }
      Tensor weight = table.weight();
      ProtectedTensor kept =
          ProtectedTensor.encode(path + ProtectedTable.LEAF, weight.toBytes(), new Secded72());
      memory.add(kept);
      return ProtectedTable.of(kept, weight.dtype(), weight.size(0).value());
    }

    private boolean isKept(String path) {
      return memory.stream().anyMatch(m -> m.name().equals(path));
    }

    private Linear product(String path, Linear linear) {
      if (!(linear instanceof Int8) && !(linear instanceof Dense)) {
        return linear; // an adapter, over a product that has been protected already
      }
      if (linear.in() % BLOCK != 0) {
        skipped.add(
            path
                + ": "
                + linear.in()
                + " inputs leave "
                + linear.in() % BLOCK
                + " over; 8-bit products have a multiple of "
                + BLOCK);
        return linear;
      }
      return Scope.tidy(
          () ->
              linear instanceof Int8 q
                  ? product(path, q.dequantised(DType.FLOAT32).toFloats(), q.bias(), q)
                  : linear instanceof Dense d
                      ? product(path, d.weight().toFloats(), d.bias(), d)
                      : linear);
    }

    private Linear product(String path, float[] weights, @Nullable Tensor bias, Linear of) {
      int in = Math.toIntExact(of.in());
      Quantiser.Quantised int8 = Quantiser.int8(Quantiser.Granularity.ROW).quantise(weights, in);
      Fitted fitted = Fitted.best(weights, in, options.formats());
      ProtectedTensor kept =
          ProtectedTensor.encode(
              path + ".weight",
              ByteBuffer.wrap(fitted.values()),
              fitted.format().code(),
              place.weights(fitted.values().length));
      place.copyOf(kept);
      memory.add(kept);
      layers.add(
          new ProtectedLayer(
              path,
              weights.length,
              fitted.format(),
              Shares.of(int8.values()),
              Quantiser.sqnr(weights, int8.dequantised()),
              fitted.sqnr(),
              fitted.share()));
      ProtectedTensor scales =
          ProtectedTensor.encode(
              path + ".scale",
              Tensor.of(fitted.scales()).toBytes(),
              new TripleModularRedundancy(),
              place.scales(fitted.scales().length));
      memory.add(scales);
      Tensor safeBias = bias == null ? null : threefold(path + ".bias", bias);
      int[] order = fitted.order();
      return ProtectedInt8.of(
          fitted.format(),
          kept,
          scales,
          safeBias,
          order == null ? null : Tensor.of(order),
          options.reading());
    }

    /** A small tensor over memory that is kept three times; bfloat16 becomes float32, exactly. */
    private Tensor threefold(String path, Tensor t) {
      DType dtype = t.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
      try (Tensor wide = t.to(dtype).copy()) {
        ProtectedTensor kept =
            ProtectedTensor.encode(path, wide.toBytes(), new TripleModularRedundancy());
        memory.add(kept);
        return kept.tensor(dtype, t.lengths());
      }
    }
  }

  /** The memory by name, for faults. */
  public Map<String, Words> words() {
    Map<String, Words> words = new LinkedHashMap<>();
    memory.forEach(m -> words.put(m.name(), m.words()));
    return words;
  }

  /** Number of bits of each memory, check bits included. */
  public Map<String, Long> bits() {
    Map<String, Long> bits = new LinkedHashMap<>();
    memory.forEach(m -> bits.put(m.name(), m.words().bits()));
    return bits;
  }

  /** Number of words in all. */
  public long wordCount() {
    return memory.stream().mapToLong(m -> m.words().count()).sum();
  }

  /** Checks and repairs everything, once. */
  public Repairs scrub() {
    Repairs all = Repairs.NONE;
    for (ProtectedTensor m : memory) {
      all = all.plus(m.scrub(0, m.words().count(), m.handler(doubles)));
    }
    return all;
  }

  /** Checks and repairs everything and decodes it into working copies, where there are some. */
  public Repairs refresh() {
    Repairs all = Repairs.NONE;
    for (ProtectedTensor m : memory) {
      all = all.plus(m.refresh(m.handler(doubles)));
    }
    return all;
  }

  /** Scrubs in the background until closed. */
  public Scrubber scrubber(long bytesPerSecond) {
    return Scrubber.start(memory, doubles, bytesPerSecond);
  }

  /**
   * A listener of generation that {@link #refresh}es every so many tokens of a sequence and tells
   * another of the tokens. Tokens come in strides of 16, so a smaller number means every stride.
   */
  public Generator.Listener refreshingEvery(int tokens, Generator.Listener other) {
    if (tokens < 1) {
      throw new IllegalArgumentException("a refresh every " + tokens + " tokens; give 1 or more");
    }
    AtomicLong seen = new AtomicLong();
    return (sequence, ids) -> {
      if (sequence == 0 && seen.addAndGet(ids.length) >= tokens) {
        seen.set(0);
        refresh();
      }
      return other.tokens(sequence, ids);
    };
  }

  /**
   * The model with plain 8-bit products and floats of its own: what is protected now, which is the
   * original but for what the formats changed.
   */
  public LanguageModel unprotected() {
    return Scope.tidy(
        () -> {
          LanguageModel plain =
              Tree.rewrite(
                  model,
                  Linear.class,
                  (path, l) -> l instanceof ProtectedInt8 p ? p.unprotected() : l);
          LanguageModel tables =
              Tree.rewrite(
                  plain,
                  Embedding.class,
                  (path, e) -> e instanceof ProtectedTable t ? new Table(t.weight().copy()) : e);
          Map<String, ProtectedTensor> kept = new LinkedHashMap<>();
          memory.forEach(m -> kept.put(m.name(), m));
          return Tree.mapPaths(tables, (path, t) -> kept.containsKey(path) ? own(path, t) : t);
        });
  }

  private Tensor own(String path, Tensor t) {
    return path.endsWith(".weight") && t.dtype() == DType.INT8
        ? t
        : t.to(model.activations() == DType.BFLOAT16 ? DType.BFLOAT16 : t.dtype()).copy();
  }

  /** Which format each product has, and how many have it. */
  public Map<Format, Long> formats() {
    Map<Format, Long> count = new LinkedHashMap<>();
    layers.forEach(l -> count.merge(l.format(), 1L, Long::sum));
    return count;
  }
}
