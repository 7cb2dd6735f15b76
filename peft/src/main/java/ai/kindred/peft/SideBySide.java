package ai.kindred.peft;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.BlockedDense;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LoRAs of one product as one LoRA of all their ranks: a row's coordinates under the other adapters
 * are multiplied by zero, its own by its scale. Two products for any number of adapters, as cheap
 * as one adapter's while all ranks together are small.
 */
final class SideBySide {

  /** Ranks in all from which on multiplying them for every row costs more than grouping rows. */
  private static final int MANY_RANKS = 192;

  private final List<Lora> loras;
  private final DType dtype;
  private final Linear down;
  private final Linear up;
  private final Tensor scales;

  private SideBySide(List<Lora> loras, DType dtype, Linear down, Linear up, Tensor scales) {
    this.loras = loras;
    this.dtype = dtype;
    this.down = down;
    this.up = up;
    this.scales = scales;
  }

  /**
   * LoRAs side by side; null where an adapter is none, drops out otherwise, or ranks are many.
   *
   * @param dtype what x is expected to be: converting all adapters for every token would cost more
   *     than multiplying by them
   */
  static @Nullable SideBySide of(List<@Nullable Adapter> adapters, DType dtype) {
    List<Lora> loras = loras(adapters);
    if (loras == null) {
      return null;
    }
    int ranks = loras.stream().mapToInt(SideBySide::rank).sum();
    boolean oneDropout = loras.stream().map(Lora::dropout).distinct().count() == 1;
    if (ranks > MANY_RANKS || !oneDropout) {
      return null;
    }
    return new SideBySide(
        loras,
        dtype,
        product(joinedA(loras).to(dtype)),
        product(joinedB(loras).to(dtype)),
        scales(adapters, ranks).to(dtype));
  }

  /** As generation lays out weights: few rows are multiplied in two thirds of the time. */
  private static Linear product(Tensor weight) {
    Dense dense = new Dense(weight, null);
    return BlockedDense.isAvailable(weight.dtype()) ? BlockedDense.of(dense) : dense;
  }

  private static @Nullable List<Lora> loras(List<@Nullable Adapter> adapters) {
    List<Lora> loras = new ArrayList<>();
    for (Adapter adapter : adapters) {
      if (adapter instanceof Lora lora) {
        loras.add(lora);
      } else if (adapter != null) {
        return null;
      }
    }
    return loras;
  }

  private static int rank(Lora lora) {
    return Math.toIntExact(lora.loraA().size(0).value());
  }

  private static Tensor joinedA(List<Lora> loras) {
    return Tensor.cat(loras.stream().map(Lora::loraA).toList(), 0);
  }

  private static Tensor joinedB(List<Lora> loras) {
    return Tensor.cat(loras.stream().map(Lora::loraB).toList(), 1);
  }

  /** [adapters, ranks]: row i has adapter i's scale at its own ranks and zero elsewhere. */
  private static Tensor scales(List<@Nullable Adapter> adapters, int ranks) {
    float[] scales = new float[adapters.size() * ranks];
    int at = 0;
    for (int i = 0; i < adapters.size(); i++) {
      if (adapters.get(i) instanceof Lora lora) {
        for (int l = 0; l < rank(lora); l++) {
          scales[i * ranks + at++] = (float) lora.scale();
        }
      }
    }
    return Tensor.of(scales, adapters.size(), ranks);
  }

  /** What was made here, for its owner. */
  List<Tensor> tensors() {
    List<Tensor> all = new ArrayList<>(Tree.leaves(List.of(down, up)).values());
    all.add(scales);
    return all;
  }

  /**
   * What each row's adapter adds.
   *
   * @param adapters as they are now: training replaces their tensors
   * @param of [T] int64, the adapter of each row
   */
  Tensor delta(List<@Nullable Adapter> adapters, Tensor x, Tensor of, Pass pass) {
    List<Lora> now = loras(adapters);
    Tensor own = scales.to(x.dtype()).indexSelect(0, of); // [T, ranks]
    if (!pass.training() && dtype == x.dtype() && loras.equals(now)) {
      return up.apply(down.apply(x, pass).mul(own), pass);
    }
    List<Lora> joined = now == null ? loras : now;
    Tensor h = loras.get(0).dropout().apply(x, pass).linear(joinedA(joined));
    return h.mul(own).linear(joinedB(joined));
  }
}
