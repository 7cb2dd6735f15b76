package ai.kindred.peft;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Several adapters of one product, each row running its example's: {@code y_t = W x_t +
 * delta_{a(example(t))}(x_t)}. LoRAs run side by side as one of all their ranks. Others: many rows
 * are grouped by adapter, so that each adapter's matrices are multiplied once; few rows (decoding)
 * each bring their own matrices, one product for all.
 *
 * @param base W, [out, in]
 * @param adapters null where an adapted model leaves this product as it is
 * @param choice which adapter an example runs
 * @param loras the adapters as one, where they are LoRAs of few ranks, else null
 * @param stacked the adapters' tensors along a new first axis, or null where they differ
 */
record PerExample(
    Linear base,
    List<@Nullable Adapter> adapters,
    Choice choice,
    @Nullable SideBySide loras,
    @Nullable Stacked stacked)
    implements Adapter {

  /** From so many rows on, grouping them costs less than bringing each row its matrices. */
  private static final long MANY_ROWS = 48;

  /** The adapter of each example, [B] int64: no leaf of the model, for nothing trains it. */
  static final class Choice {
    private final Tensor adapterOfExample;

    Choice(Tensor adapterOfExample) {
      this.adapterOfExample = adapterOfExample;
    }
  }

  /** Adapters of one kind and shape as one: what it was made from, and [n, ..] of each leaf. */
  static final class Stacked {
    private final List<Tensor> from;
    private final Adapter kind;
    private final Params params;

    private Stacked(List<Tensor> from, Adapter kind, Params params) {
      this.from = from;
      this.kind = kind;
      this.params = params;
    }

    /**
     * Adapters as one; null where they are not alike.
     *
     * @param dtype what x is expected to be; kinds that convert their tensors to it anyway have
     *     them converted once
     */
    static @Nullable Stacked of(List<@Nullable Adapter> adapters, DType dtype) {
      List<Params> all = new ArrayList<>();
      Adapter kind = adapters.get(0);
      if (kind == null) {
        return null;
      }
      for (Adapter adapter : adapters) {
        if (adapter == null || !alike(kind, adapter)) {
          return null;
        }
        all.add(own(adapter));
      }
      List<Tensor> from = all.stream().flatMap(p -> p.asMap().values().stream()).toList();
      Map<String, Tensor> params = new LinkedHashMap<>();
      for (String name : all.get(0).asMap().keySet()) {
        Tensor stack = Tensor.stack(all.stream().map(p -> p.get(name)).toList(), 0);
        params.put(name, kind instanceof Routed || kind instanceof Lora ? stack.to(dtype) : stack);
      }
      return new Stacked(from, kind, new Params(params));
    }

    /** Equal records but for the numbers in their tensors. */
    private static boolean alike(Adapter a, Adapter b) {
      Params shapes = own(b);
      boolean same = own(a).asMap().keySet().equals(shapes.asMap().keySet());
      if (!same || a.getClass() != b.getClass()) {
        return false;
      }
      for (var leaf : own(a).asMap().entrySet()) {
        Tensor other = shapes.get(leaf.getKey());
        if (!leaf.getValue().shape().equals(other.shape())
            || leaf.getValue().dtype() != other.dtype()) {
          return false;
        }
      }
      return Tree.with(b, own(a)).equals(a);
    }

    /** Whether these are still the adapters' own tensors: training replaces them. */
    private boolean holds(List<@Nullable Adapter> adapters) {
      Iterator<Tensor> was = from.iterator();
      for (Adapter adapter : adapters) {
        if (adapter == null) {
          return false;
        }
        for (Tensor now : own(adapter).asMap().values()) {
          if (!was.hasNext() || was.next() != now) {
            return false;
          }
        }
      }
      return true;
    }

    Params params() {
      return params;
    }
  }

  private static Params own(Adapter adapter) {
    return Tree.params(adapter, Adapter.class);
  }

  private record Row(Params params, Tensor x, Tensor positions, Tensor example) {}

  @Override
  public Tensor delta(Tensor x, Pass pass) {
    Tensor of = choice.adapterOfExample.indexSelect(0, pass.example()); // [T]
    if (loras != null) {
      return loras.delta(adapters, x, of, pass);
    }
    return stacked == null
            || pass.training()
            || x.size(0).isAtLeast(MANY_ROWS)
            || !stacked.holds(adapters)
        ? grouped(x, of, pass)
        : gathered(stacked, x, of, pass);
  }

  private static Tensor gathered(Stacked stacked, Tensor x, Tensor of, Pass pass) {
    Row rows =
        new Row(
            stacked.params.map(t -> t.indexSelect(0, of)),
            x.unsqueeze(1),
            pass.positions().unsqueeze(1),
            pass.example().unsqueeze(1));
    Kernel<Row, Tensor> each =
        Kernel.stacked(
            row ->
                Tree.with(stacked.kind, row.params())
                    .delta(row.x(), with(pass, row.positions(), row.example())));
    return each.call(rows).squeeze(1);
  }

  private Tensor grouped(Tensor x, Tensor of, Pass pass) {
    Tensor order = of.sort(0, false).indices();
    Tensor rows = x.indexSelect(0, order);
    Tensor positions = pass.positions().indexSelect(0, order);
    Tensor example = pass.example().indexSelect(0, order);
    Tensor ones = Tensor.full(1, DType.INT64, x.size(0));
    Tensor counts = Tensor.zeros(DType.INT64, adapters.size()).indexAdd(0, of, ones);
    Tensor ends = counts.cumsum(0);
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < adapters.size(); i++) {
      Dim n = counts.select(0, i).toDim();
      Dim from = ends.select(0, i).toDim().minus(n);
      Adapter adapter = adapters.get(i);
      parts.add(
          adapter == null
              ? Tensor.full(0, x.dtype(), n, Dim.of(out()))
              : adapter.delta(
                  rows.narrow(0, from, n),
                  with(pass, positions.narrow(0, from, n), example.narrow(0, from, n))));
    }
    return Tensor.cat(parts, 0).indexSelect(0, order.sort(0, false).indices());
  }

  private static Pass with(Pass pass, Tensor positions, Tensor example) {
    return new Pass(
        positions,
        example,
        pass.mixing(),
        pass.angles(),
        pass.training(),
        pass.recompute(),
        pass.key());
  }
}
