package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Nd.shape;
import static ai.kindred.core.kernel.OpCase.N;
import static ai.kindred.core.kernel.OpCase.bools;
import static ai.kindred.core.kernel.OpCase.ints;
import static ai.kindred.core.kernel.OpCase.reals;
import static ai.kindred.core.kernel.OpCase.uniform;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.special.Erf;

/** One case at least for every operation. */
final class OpCases {

  private OpCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    arithmetic(cases);
    elements(cases);
    axes(cases);
    cases.addAll(ArrayOpCases.all());
    cases.addAll(ImageOpCases.all());
    return cases;
  }

  private interface Two {
    Tensor of(Tensor a, Tensor b);
  }

  private static OpCase two(
      String name, Op op, OpCase.Input a, OpCase.Input b, Two f, DoubleBinaryOperator ref) {
    return OpCase.of(name, op, a, b)
        .is(x -> f.of(x.get(0), x.get(1)))
        .like(x -> x.get(0).zip(x.get(1), ref));
  }

  private static OpCase real(String name, Op op, Two f, DoubleBinaryOperator ref) {
    return two(name, op, uniform(0.5, 2, N, 3), uniform(0.5, 2, 3), f, ref).differentiable();
  }

  private static OpCase whole(String name, Op op, Two f, DoubleBinaryOperator ref) {
    return two(name, op, ints(5, N, 1), ints(5, 4), f, ref);
  }

  private static OpCase one(
      String name, Op op, OpCase.Input in, UnaryOperator<Tensor> f, DoubleUnaryOperator ref) {
    return OpCase.of(name, op, in).is(x -> f.apply(x.get(0))).like(x -> x.get(0).map(ref));
  }

  private static double bool(boolean b) {
    return b ? 1 : 0;
  }

  private static void arithmetic(List<OpCase> cases) {
    cases.add(real("add", Ops.ADD, Tensor::add, (a, b) -> a + b));
    cases.add(real("sub", Ops.SUB, Tensor::sub, (a, b) -> a - b));
    cases.add(real("mul", Ops.MUL, Tensor::mul, (a, b) -> a * b));
    cases.add(real("div", Ops.DIV, Tensor::div, (a, b) -> a / b));
    cases.add(real("pow", Ops.POW, Tensor::pow, Math::pow));
    cases.add(real("maximum", Ops.MAXIMUM, Tensor::maximum, Math::max));
    cases.add(real("minimum", Ops.MINIMUM, Tensor::minimum, Math::min));
    cases.add(
        two("add of a number", Ops.ADD, reals(N, 2), reals(), Tensor::add, (a, b) -> a + b)
            .differentiable());
    cases.add(
        two("mul of numbers", Ops.MUL, reals(), reals(), Tensor::mul, (a, b) -> a * b)
            .differentiable());
    cases.add(
        two(
            "div of whole numbers",
            Ops.DIV,
            ints(9, N),
            uniform(1, 2),
            Tensor::div,
            (a, b) -> a / b));
    cases.add(
        whole(
            "remainder",
            Ops.REMAINDER,
            (a, b) -> a.sub(2).remainder(b.add(1)),
            (a, b) -> Math.floorMod((long) a - 2, (long) b + 1)));
    cases.add(
        real(
            "remainder of reals",
            Ops.REMAINDER,
            Tensor::remainder,
            (a, b) -> a - b * Math.floor(a / b)));
    cases.add(one("rsub", Ops.RSUB, reals(N), x -> x.rsub(3), x -> 3 - x).differentiable());
    cases.add(one("add 1 to whole numbers", Ops.ADD, ints(9, N), x -> x.add(1), x -> x + 1));
    cases.add(
        one("add a half to whole numbers", Ops.ADD, ints(9, N), x -> x.add(0.5), x -> x + 0.5));
    cases.add(
        one("a tenth power", Ops.POW, uniform(0.5, 2, N), x -> x.pow(0.1), x -> Math.pow(x, 0.1))
            .differentiable());
    cases.add(
        whole("bitwise and", Ops.BITWISE_AND, Tensor::bitwiseAnd, (a, b) -> (long) a & (long) b));
    cases.add(
        one(
            "shift right by a number",
            Ops.SHIFT_RIGHT,
            ints(9, N),
            x -> x.shiftRight(2),
            x -> (long) x >> 2));
    cases.add(whole("xor", Ops.XOR, Tensor::bitwiseXor, (a, b) -> (long) a ^ (long) b));
    cases.add(
        one("xor with a number", Ops.XOR, ints(9, N), x -> x.bitwiseXor(5), x -> (long) x ^ 5));
    cases.add(
        whole(
            "shift right",
            Ops.SHIFT_RIGHT,
            (a, b) -> Ops.SHIFT_RIGHT.apply(a.mul(8), b),
            (a, b) -> (long) (8 * a) >> (long) b));
    cases.add(whole("eq", Ops.EQ, Tensor::eq, (a, b) -> bool(a == b)));
    cases.add(whole("ne", Ops.NE, Tensor::ne, (a, b) -> bool(a != b)));
    cases.add(whole("lt", Ops.LT, Tensor::lt, (a, b) -> bool(a < b)));
    cases.add(whole("le", Ops.LE, Tensor::le, (a, b) -> bool(a <= b)));
    cases.add(whole("gt", Ops.GT, Tensor::gt, (a, b) -> bool(a > b)));
    cases.add(whole("ge", Ops.GE, Tensor::ge, (a, b) -> bool(a >= b)));
    cases.add(one("ge of a number", Ops.GE, ints(5, N), x -> x.ge(2), x -> bool(x >= 2)));
    cases.add(two("and", Ops.AND, bools(N, 3), bools(3), Tensor::logicalAnd, (a, b) -> a * b));
    cases.add(two("or", Ops.OR, bools(N, 3), bools(3), Tensor::logicalOr, Math::max));
    cases.add(one("not", Ops.NOT, bools(N), Tensor::logicalNot, x -> 1 - x));
    cases.add(
        one("isfinite", Ops.ISFINITE, reals(N, 4), x -> x.log().isfinite(), x -> bool(x > 0)));
    cases.add(
        OpCase.of("where", Ops.WHERE, bools(N, 3), reals(N, 3), reals(3))
            .is(x -> Tensor.where(x.get(0), x.get(1), x.get(2)))
            .like(
                x ->
                    x.get(0)
                        .zip(x.get(1), (c, a) -> c * a)
                        .zip(x.get(0).zip(x.get(2), (c, b) -> (1 - c) * b), Double::sum))
            .differentiable());
    cases.add(
        OpCase.of("where one condition", Ops.WHERE, bools(), reals(N))
            .is(x -> Tensor.where(x.get(0), x.get(1), 7))
            .like(x -> x.get(0).zip(x.get(1), (c, a) -> c == 1 ? a : 7))
            .differentiable());
    cases.add(
        OpCase.of("masked fill", Ops.WHERE, bools(N), ints(5, N))
            .is(x -> x.get(1).maskedFill(x.get(0), -1))
            .like(x -> x.get(0).zip(x.get(1), (c, a) -> c == 1 ? -1 : a)));
    cases.add(
        one(
                "clamp",
                Ops.CLAMP,
                reals(N, 4),
                x -> x.clamp(-1.0, 0.5),
                x -> Math.min(Math.max(x, -1), 0.5))
            .differentiable());
    cases.add(
        one("clamp below", Ops.CLAMP, ints(9, N), x -> x.clamp(3.0, null), x -> Math.max(x, 3)));
  }

  private static OpCase smooth(
      String name, Op op, UnaryOperator<Tensor> f, DoubleUnaryOperator ref) {
    return one(name, op, uniform(0.1, 1.9, N, 3), f, ref).differentiable();
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static void elements(List<OpCase> cases) {
    cases.add(smooth("neg", Ops.NEG, Tensor::neg, x -> -x));
    cases.add(one("abs", Ops.ABS, reals(N, 3), Tensor::abs, Math::abs).differentiable());
    cases.add(one("sign", Ops.SIGN, reals(N, 3), Tensor::sign, Math::signum).differentiable());
    cases.add(one("floor", Ops.FLOOR, reals(N, 3), Tensor::floor, Math::floor).differentiable());
    cases.add(one("round", Ops.ROUND, ints(9, N), x -> x.div(2.0).round(), x -> Math.rint(x / 2)));
    cases.add(
        one("relu", Ops.RELU, reals(N, 3), Tensor::relu, x -> Math.max(x, 0)).differentiable());
    cases.add(smooth("exp", Ops.EXP, Tensor::exp, Math::exp));
    cases.add(
        one("exp of whole numbers", Ops.EXP, ints(3, N), Tensor::exp, Math::exp).within(1e-6));
    cases.add(smooth("expm1", Ops.EXPM1, Tensor::expm1, Math::expm1));
    cases.add(smooth("log", Ops.LOG, Tensor::log, Math::log));
    cases.add(smooth("log1p", Ops.LOG1P, Tensor::log1p, Math::log1p));
    cases.add(smooth("sqrt", Ops.SQRT, Tensor::sqrt, Math::sqrt));
    cases.add(smooth("rsqrt", Ops.RSQRT, Tensor::rsqrt, x -> 1 / Math.sqrt(x)));
    cases.add(smooth("reciprocal", Ops.RECIPROCAL, Tensor::reciprocal, x -> 1 / x));
    cases.add(smooth("sin", Ops.SIN, Tensor::sin, Math::sin));
    cases.add(smooth("cos", Ops.COS, Tensor::cos, Math::cos));
    cases.add(smooth("tanh", Ops.TANH, Tensor::tanh, Math::tanh));
    cases.add(smooth("erf", Ops.ERF, Tensor::erf, Erf::erf));
    cases.add(smooth("sigmoid", Ops.SIGMOID, Tensor::sigmoid, OpCases::sigmoid));
    cases.add(smooth("silu", Ops.SILU, Tensor::silu, x -> x * sigmoid(x)));
    cases.add(
        smooth("gelu", Ops.GELU, Tensor::gelu, x -> x * 0.5 * (1 + Erf.erf(x / Math.sqrt(2)))));
    cases.add(
        smooth(
            "gelu by tanh",
            Ops.GELU,
            Tensor::geluTanh,
            x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))));
    cases.add(smooth("softplus", Ops.SOFTPLUS, Tensor::softplus, x -> Math.log1p(Math.exp(x))));
    cases.add(one("to float32", Ops.TO, reals(N), x -> x.to(DType.FLOAT32), x -> (float) x));
    cases.add(one("to bfloat16", Ops.TO, ints(9, N), x -> x.to(DType.BFLOAT16), x -> x));
    cases.add(one("to int32", Ops.TO, reals(N), x -> x.to(DType.INT32), x -> (int) x));
    cases.add(one("detach", Ops.DETACH, reals(N), Tensor::detach, x -> x));
    cases.add(one("copy", Ops.CLONE, reals(N), Tensor::copy, x -> x).differentiable());
    cases.add(
        one("variable", Ops.VARIABLE, reals(N), x -> Ops.VARIABLE.apply(x).mul(2), x -> 2 * x));
    cases.add(
        OpCase.of("contiguous", Ops.CONTIGUOUS, reals(N, 3))
            .is(x -> x.get(0).t().contiguous())
            .like(x -> x.get(0).t())
            .differentiable());
  }

  private static OpCase rows(
      String name, Op op, UnaryOperator<Tensor> f, ToDoubleFunction<double[]> ref) {
    return OpCase.of(name, op, reals(2, N))
        .is(x -> f.apply(x.get(0)))
        .like(x -> x.get(0).rows(ref));
  }

  private static double logsumexp(double... x) {
    return Math.log(Arrays.stream(x).map(Math::exp).sum());
  }

  private static double extreme(double... x) {
    return Arrays.stream(x).max().orElseThrow();
  }

  private static int indexOf(double wanted, double... x) {
    int i = 0;
    while (x[i] != wanted) {
      i++;
    }
    return i;
  }

  private static void axes(List<OpCase> cases) {
    cases.add(
        rows("sum", Ops.SUM, x -> x.sum(1, false), r -> Arrays.stream(r).sum()).differentiable());
    cases.add(
        rows(
                "mean",
                Ops.MEAN,
                x -> x.mean(-1, false),
                r -> Arrays.stream(r).average().orElseThrow())
            .differentiable());
    cases.add(rows("amax", Ops.AMAX, x -> x.amax(1, false), OpCases::extreme).differentiable());
    cases.add(
        rows(
                "amin",
                Ops.AMIN,
                x -> x.amin(1, false),
                r -> -extreme(Arrays.stream(r).map(v -> -v).toArray()))
            .differentiable());
    cases.add(
        rows("logsumexp", Ops.LOGSUMEXP, x -> x.logsumexp(1, false), OpCases::logsumexp)
            .differentiable());
    cases.add(rows("argmax", Ops.ARGMAX, x -> x.argmax(1, false), r -> indexOf(extreme(r), r)));
    cases.add(
        rows("argmin", Ops.ARGMIN, x -> x.neg().argmin(1, false), r -> indexOf(extreme(r), r)));
    cases.add(
        OpCase.of("argmax kept", Ops.ARGMAX, reals(2, N))
            .is(x -> x.get(0).argmax(1, true))
            .like(x -> x.get(0).rows(r -> indexOf(extreme(r), r)).reshaped(2, 1)));
    cases.add(
        OpCase.of("all of everything", Ops.SUM, reals(2, N))
            .gives(
                x ->
                    List.of(
                        x.get(0).sum(),
                        x.get(0).mean(),
                        x.get(0).amax(),
                        x.get(0).amin(),
                        x.get(0).logsumexp()))
            .likeAll(
                x -> {
                  double[] e = x.get(0).elements();
                  double sum = Arrays.stream(e).sum();
                  return List.of(
                      number(sum),
                      number(sum / e.length),
                      number(extreme(e)),
                      number(Arrays.stream(e).min().orElseThrow()),
                      number(logsumexp(e)));
                })
            .differentiable());
    cases.add(
        OpCase.of("all of a number", Ops.LOGSUMEXP, reals())
            .gives(
                x ->
                    List.of(
                        x.get(0).sum(),
                        x.get(0).mean(),
                        x.get(0).amax(),
                        x.get(0).amin(),
                        x.get(0).logsumexp()))
            .likeAll(x -> List.of(x.get(0), x.get(0), x.get(0), x.get(0), x.get(0)))
            .differentiable());
    cases.add(
        OpCase.of("sum of truths", Ops.SUM, bools()).is(x -> x.get(0).sum()).like(x -> x.get(0)));
    cases.add(
        OpCase.of("kept sums of whole numbers", Ops.SUM, ints(9, N, 2))
            .is(x -> x.get(0).sum(1, true))
            .like(x -> x.get(0).rows(r -> Arrays.stream(r).sum()).reshaped(x.get(0).length(0), 1)));
    cases.add(
        OpCase.of("softmax", Ops.SOFTMAX, reals(N, 3))
            .is(x -> x.get(0).softmax(-1))
            .like(
                x ->
                    Nd.of(
                        x.get(0).shape(),
                        i -> {
                          double total = 0;
                          for (int j = 0; j < 3; j++) {
                            total += Math.exp(x.get(0).at(i[0], j));
                          }
                          return Math.exp(x.get(0).at(i)) / total;
                        }))
            .differentiable());
    cases.add(
        OpCase.of("log softmax", Ops.LOG_SOFTMAX, reals(N, 3))
            .is(x -> x.get(0).logSoftmax(0))
            .like(
                x ->
                    Nd.of(
                        x.get(0).shape(),
                        i -> {
                          double total = 0;
                          for (int j = 0; j < x.get(0).length(0); j++) {
                            total += Math.exp(x.get(0).at(j, i[1]));
                          }
                          return x.get(0).at(i) - Math.log(total);
                        }))
            .differentiable());
    cases.add(
        OpCase.of("cumsum", Ops.CUMSUM, reals(N, 2))
            .is(x -> x.get(0).cumsum(0))
            .like(
                x ->
                    Nd.of(
                        x.get(0).shape(),
                        i -> {
                          double total = 0;
                          for (int j = 0; j <= i[0]; j++) {
                            total += x.get(0).at(j, i[1]);
                          }
                          return total;
                        }))
            .differentiable());
    cases.add(
        OpCase.of("cumsum of truths", Ops.CUMSUM, bools(3))
            .is(x -> x.get(0).cumsum(0))
            .like(
                x ->
                    Nd.of(
                        shape(3),
                        i -> {
                          double total = 0;
                          for (int j = 0; j <= i[0]; j++) {
                            total += x.get(0).at(j);
                          }
                          return total;
                        })));
    cases.add(
        OpCase.of("layer norm", Ops.LAYER_NORM, reals(N, 4))
            .is(x -> x.get(0).layerNorm(1e-3))
            .like(
                x -> {
                  Nd rows = x.get(0);
                  int n = rows.length(0);
                  Nd mean = rows.rows(r -> Arrays.stream(r).average().orElse(0)).reshaped(n, 1);
                  Nd centred = rows.zip(mean, (v, m) -> v - m);
                  Nd variance =
                      centred.rows(r -> Arrays.stream(r).map(v -> v * v).average().orElse(0));
                  return centred.zip(
                      variance.reshaped(n, 1), (v, square) -> v / Math.sqrt(square + 1e-3));
                })
            .within(1e-11)
            .differentiable());
    cases.add(
        OpCase.of("roll", Ops.ROLL, reals(N, 4))
            .is(x -> x.get(0).roll(1, 1))
            .like(x -> Nd.of(x.get(0).shape(), i -> x.get(0).at(i[0], (i[1] + 3) % 4)))
            .differentiable());
    cases.add(
        OpCase.of("flip", Ops.FLIP, reals(N, 2))
            .is(x -> x.get(0).flip(0))
            .like(
                x -> Nd.of(x.get(0).shape(), i -> x.get(0).at(x.get(0).length(0) - 1 - i[0], i[1])))
            .differentiable());
    cases.add(
        OpCase.of("tril", Ops.TRIL, reals(N, 3))
            .is(x -> x.get(0).tril(-1))
            .like(x -> Nd.of(x.get(0).shape(), i -> i[1] <= i[0] - 1 ? x.get(0).at(i) : 0))
            .differentiable());
    cases.add(
        OpCase.of("triu", Ops.TRIU, reals(N, 3))
            .is(x -> x.get(0).triu(1))
            .like(x -> Nd.of(x.get(0).shape(), i -> i[1] >= i[0] + 1 ? x.get(0).at(i) : 0))
            .differentiable());
    cases.add(
        OpCase.of("topk", Ops.TOPK, reals(N, 5))
            .gives(x -> List.of(x.get(0).topk(2, 1).values(), x.get(0).topk(2, 1).indices()))
            .likeAll(x -> ranked(x.get(0), 2))
            .differentiable());
    cases.add(
        OpCase.of("sort", Ops.SORT, reals(N, 4))
            .gives(x -> List.of(x.get(0).sort(1, true).values(), x.get(0).sort(1, true).indices()))
            .likeAll(x -> ranked(x.get(0), 4))
            .differentiable());
  }

  private static Nd number(double d) {
    return new Nd(shape(), new double[] {d});
  }

  /** The k greatest of each row and where they were. */
  private static List<Nd> ranked(Nd x, int k) {
    int[] to = {x.length(0), k};
    Nd values =
        Nd.of(
            to,
            i -> {
              double[] row = new double[x.length(1)];
              Arrays.setAll(row, j -> x.at(i[0], j));
              Arrays.sort(row);
              return row[row.length - 1 - i[1]];
            });
    Nd places =
        Nd.of(
            to,
            i -> {
              int j = 0;
              while (x.at(i[0], j) != values.at(i)) {
                j++;
              }
              return j;
            });
    return List.of(values, places);
  }
}
