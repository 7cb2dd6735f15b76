package ai.kindred.peft;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Several adapted models on one base that run side by side in one batch, an adapter an example.
 *
 * <pre>{@code
 * try (MixedAdapters<LanguageModel> mixed = MixedAdapters.of(base, List.of(law, verse));
 *     Generator generator = new Generator(mixed.assigned(0, 1, 1))) {
 *   generator.generate(List.of(contract, ode, sonnet), Generation.greedy(100));
 * }
 * }</pre>
 *
 * <p>Each example gets what its adapter alone would give, up to rounding. Adapters may be of any
 * kinds and at any products; the base itself may be among the models. Several adapters are trained
 * together by {@link MixedObjective}.
 *
 * @param <T> a tree with linear products: a language model, or any other
 */
public final class MixedAdapters<T> implements AutoCloseable {

  private final T base;
  private final List<T> models;
  private final Map<String, List<@Nullable Adapter>> adapters = new LinkedHashMap<>();
  private final Map<String, SideBySide> loras = new LinkedHashMap<>();
  private final Map<String, PerExample.Stacked> stacked = new LinkedHashMap<>();
  private final Scope memory = Scope.detached();

  private MixedAdapters(T base, List<T> models) {
    this.base = base;
    this.models = models;
  }

  /**
   * Adapted models side by side; they must stay open as long as this.
   *
   * @param base the model without adapters
   * @param models what examples choose among, by index: at least one
   * @throws IllegalArgumentException if a model does not share the base's tensors
   */
  @SuppressWarnings("try") // the scope works by being open
  public static <T> MixedAdapters<T> of(T base, List<T> models) {
    if (models.isEmpty()) {
      throw new IllegalArgumentException("a mix needs at least one model");
    }
    Adapters.plain(base);
    MixedAdapters<T> mixed = new MixedAdapters<>(base, List.copyOf(models));
    for (int i = 0; i < models.size(); i++) {
      requireBase(base, models.get(i), i);
      mixed.collect(models.get(i), i);
    }
    try (Scope scope = Scope.open()) {
      for (Map.Entry<String, List<@Nullable Adapter>> at : mixed.adapters.entrySet()) {
        DType dtype = activations(at.getValue());
        SideBySide loras = SideBySide.of(at.getValue(), dtype);
        PerExample.Stacked one = loras == null ? PerExample.Stacked.of(at.getValue(), dtype) : null;
        if (loras != null) {
          mixed.memory.adopt(loras.tensors());
          mixed.loras.put(at.getKey(), loras);
        } else if (one != null) {
          mixed.memory.adopt(one.params());
          mixed.stacked.put(at.getKey(), one);
        }
      }
      return mixed;
    } catch (RuntimeException e) {
      mixed.close();
      throw e;
    }
  }

  /** The type that x most likely has: that of the weights below. */
  private static DType activations(List<@Nullable Adapter> adapters) {
    for (Adapter adapter : adapters) {
      Linear linear = adapter;
      while (linear instanceof Adapter upper) {
        linear = upper.base();
      }
      if (linear instanceof Dense dense) {
        return dense.weight().dtype();
      }
      if (linear instanceof Int8) {
        return DType.BFLOAT16;
      }
    }
    return DType.FLOAT32;
  }

  private static void requireBase(Object base, Object model, int index) {
    Object bare =
        Tree.rewrite(model, Linear.class, (path, l) -> l instanceof Adapter a ? a.base() : l);
    Map<String, Tensor> own = Tree.leaves(bare);
    Tree.leaves(base)
        .forEach(
            (path, t) -> {
              if (own.get(path) != t) {
                throw new IllegalArgumentException(
                    "model "
                        + index
                        + " is not on the base given: its "
                        + path
                        + " is another tensor; load every adapter on one base");
              }
            });
  }

  private void collect(T model, int index) {
    Tree.parts(model, Adapter.class)
        .forEach(
            (path, adapter) ->
                adapters
                    .computeIfAbsent(
                        path, p -> new ArrayList<>(Collections.nCopies(models.size(), null)))
                    .set(index, adapter));
  }

  /**
   * The model in which example b runs {@code models.get(adapterOfExample[b])}; for batches of that
   * many examples. Owned by this.
   *
   * @throws IllegalArgumentException if an index is not that of a model
   */
  public T assigned(int... adapterOfExample) {
    requireKnown(adapterOfExample);
    return assigned(memory.adopt(Tensor.of(adapterOfExample)));
  }

  /**
   * A model for batches of at most so many examples, whose adapters are chosen again and again:
   * what has been traced of it (a {@code Generator}) goes on, so that a switch costs nothing.
   */
  public Switching<T> switching(int examples) {
    Tensor choice = memory.adopt(Tensor.of(new int[examples]));
    return new Switching<>(this, assigned(choice), choice);
  }

  /**
   * A model whose examples change adapters in place. Not for several threads at once.
   *
   * @param <T> the model's type
   */
  public static final class Switching<T> {
    private final MixedAdapters<T> mixed;
    private final T model;
    private final Tensor choice;

    private Switching(MixedAdapters<T> mixed, T model, Tensor choice) {
      this.mixed = mixed;
      this.model = model;
      this.choice = choice;
    }

    /** The model; every example runs adapter 0 at first. */
    public T model() {
      return model;
    }

    /**
     * From now on example b runs adapter {@code adapterOfExample[b]}; examples beyond these keep
     * theirs.
     *
     * @throws IllegalArgumentException if an index is not that of a model, or there are more
     *     examples than the model was made for
     */
    public void assign(int... adapterOfExample) {
      mixed.requireKnown(adapterOfExample);
      long most = choice.size(0).value();
      if (adapterOfExample.length > most) {
        throw new IllegalArgumentException(
            adapterOfExample.length + " examples; the model was made for at most " + most);
      }
      try (Tensor now = Tensor.of(adapterOfExample)) {
        choice.write(0, Dim.of(0), now).close();
      }
    }
  }

  private void requireKnown(int... adapterOfExample) {
    for (int index : adapterOfExample) {
      if (index < 0 || index >= models.size()) {
        throw new IllegalArgumentException(
            "adapter " + index + " of an example; there are 0 to " + (models.size() - 1));
      }
    }
  }

  /**
   * The model in which example b runs the adapter of that index, inside a kernel or outside; its
   * {@code params(Adapter.class)} are those of all adapters.
   *
   * @param adapterOfExample [B] int64, indices of models
   */
  public T assigned(Tensor adapterOfExample) {
    PerExample.Choice choice = new PerExample.Choice(adapterOfExample);
    return Tree.rewrite(
        base,
        Linear.class,
        (path, linear) -> {
          List<@Nullable Adapter> at = adapters.get(path);
          return at == null
              ? linear
              : new PerExample(
                  linear,
                  Collections.unmodifiableList(at),
                  choice,
                  loras.get(path),
                  stacked.get(path));
        });
  }

  /** How many models there are to choose among. */
  public int size() {
    return models.size();
  }

  /** Frees what was made here; the models stay open. */
  @Override
  public void close() {
    memory.close();
  }
}
