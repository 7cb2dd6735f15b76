package ai.kindred.core.train;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adafactor (Shazeer and Stern, 2018): the second moment of a matrix [n, m] is kept as its row and
 * column means, n + m numbers instead of n m. The variant is the paper's algorithms 4 (matrices)
 * and 5 (vectors) without momentum:
 *
 * <pre>
 * b_t = 1 - t^-decay
 * R = b_t R + (1 - b_t) rowmeans(g^2 + eps1)      C = b_t C + (1 - b_t) colmeans(g^2 + eps1)
 * V = R C / mean(R)                               (vectors: V = b_t V + (1 - b_t) (g^2 + eps1))
 * u = g / sqrt(V)
 * p = p - alpha u / max(1, rms(u) / clip)         alpha = lr max(eps2, rms(p)), or lr alone
 * </pre>
 *
 * <p>Means instead of the paper's sums give the same V. Tensors of more axes are factored over the
 * last two, a stack of matrices. The paper's relative step sizes with warm-up, min(1e-6 t,
 * 1/sqrt(t)), are {@link Schedule.InverseSquareRoot} with peak 0.01 and 10,000 steps of warm-up.
 *
 * @param decay exponent of the second moment's memory; the paper uses 0.8
 * @param clip largest root mean square of an update, the paper's d
 * @param scaleByParameter whether a step is relative to the size of the parameter
 * @param epsilon1 added to squared gradients
 * @param epsilon2 least size that a parameter counts with
 */
public record Adafactor(
    @Doc("exponent of the second moment's memory") @Range(above = 0, max = 1) double decay,
    @Doc("largest root mean square of an update") @Range(above = 0) double clip,
    @Doc("steps relative to the size of the parameter") boolean scaleByParameter,
    @Doc("added to squared gradients") @Range(above = 0) double epsilon1,
    @Doc("least size that a parameter counts with") @Range(above = 0) double epsilon2)
    implements Optimizer {

  private static final String ROWS = "row_mean_square";
  private static final String COLUMNS = "column_mean_square";
  private static final String FULL = "mean_square";

  /** The paper's constants: decay 0.8, clip 1, relative to the parameter, 1e-30, 1e-3. */
  public static Adafactor defaults() {
    return new Adafactor(0.8, 1, true, 1e-30, 1e-3);
  }

  @Override
  public State init(Params params) {
    Map<String, Tensor> rows = new LinkedHashMap<>();
    Map<String, Tensor> columns = new LinkedHashMap<>();
    Map<String, Tensor> full = new LinkedHashMap<>();
    params
        .asMap()
        .forEach(
            (path, p) -> {
              DType dtype = Moments.dtype(p);
              if (p.rank() < 2) {
                full.put(path, Tensor.full(0, dtype, p.shape().toArray(Dim[]::new)));
              } else {
                rows.put(path, Tensor.full(0, dtype, without(p, p.rank() - 1)));
                columns.put(path, Tensor.full(0, dtype, without(p, p.rank() - 2)));
              }
            });
    return state(Moments.noSteps(), rows, columns, full);
  }

  private static Dim[] without(Tensor p, int axis) {
    List<Dim> shape = new ArrayList<>(p.shape());
    shape.remove(axis);
    return shape.toArray(Dim[]::new);
  }

  private static State state(
      Tensor step,
      Map<String, Tensor> rows,
      Map<String, Tensor> columns,
      Map<String, Tensor> full) {
    Map<String, Params> moments = new LinkedHashMap<>();
    moments.put(ROWS, new Params(rows));
    moments.put(COLUMNS, new Params(columns));
    moments.put(FULL, new Params(full));
    return new State(step, moments);
  }

  @Override
  public Update step(Params params, Params grads, State state, Tensor learningRate) {
    Tensor step = state.step().add(1);
    Tensor forget = step.to(DType.FLOAT64).pow(-decay);
    Map<String, Tensor> rows = new LinkedHashMap<>();
    Map<String, Tensor> columns = new LinkedHashMap<>();
    Map<String, Tensor> full = new LinkedHashMap<>();
    Map<String, Tensor> moved = new LinkedHashMap<>();
    params
        .asMap()
        .forEach(
            (path, p) -> {
              Tensor wide = Moments.wide(p);
              Tensor g = grads.get(path).to(wide.dtype());
              Tensor square = g.mul(g).add(epsilon1);
              Tensor v;
              if (p.rank() < 2) {
                v = toward(Moments.of(state, FULL).get(path), square, forget);
                full.put(path, v);
              } else {
                Tensor r =
                    toward(Moments.of(state, ROWS).get(path), square.mean(-1, false), forget);
                Tensor c =
                    toward(Moments.of(state, COLUMNS).get(path), square.mean(-2, false), forget);
                rows.put(path, r);
                columns.put(path, c);
                Tensor share = r.div(r.mean(-1, true)); // [.., n]
                v = share.unsqueeze(-1).mul(c.unsqueeze(-2)); // [.., n, m]
              }
              Tensor u = g.div(v.sqrt());
              Tensor clipped = u.div(rms(u).div(clip).clamp(1.0, null));
              Tensor rate = learningRate.to(wide.dtype());
              Tensor alpha = scaleByParameter ? rate.mul(rms(wide).clamp(epsilon2, null)) : rate;
              moved.put(path, wide.sub(clipped.mul(alpha)).to(p.dtype()));
            });
    return new Update(new Params(moved), state(step, rows, columns, full));
  }

  /** {@code (1 - forget) old + forget fresh}. */
  private static Tensor toward(Tensor old, Tensor fresh, Tensor forget) {
    return old.add(fresh.sub(old).mul(forget.to(old.dtype())));
  }

  private static Tensor rms(Tensor t) {
    return t.mul(t).mean().sqrt();
  }

  @Override
  public long stateBytes(Params params) {
    long bytes = Moments.STEP_BYTES;
    for (Tensor p : params.asMap().values()) {
      long[] lengths = p.lengths();
      long elements = Moments.elements(lengths);
      long kept =
          lengths.length < 2
              ? elements
              : lengths[lengths.length - 1] == 0 || lengths[lengths.length - 2] == 0
                  ? 0
                  : elements / lengths[lengths.length - 1] + elements / lengths[lengths.length - 2];
      bytes += kept * Moments.dtype(p).bytes();
    }
    return bytes;
  }
}
