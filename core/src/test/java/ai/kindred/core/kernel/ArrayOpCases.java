package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Nd.shape;
import static ai.kindred.core.kernel.OpCase.N;
import static ai.kindred.core.kernel.OpCase.ints;
import static ai.kindred.core.kernel.OpCase.reals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cases of products, shapes, indexing and new tensors. */
final class ArrayOpCases {

  private ArrayOpCases() {}

  static List<OpCase> all() {
    List<OpCase> cases = new ArrayList<>();
    products(cases);
    shapes(cases);
    indexing(cases);
    creation(cases);
    return cases;
  }

  private static void products(List<OpCase> cases) {
    cases.add(
        OpCase.of("matmul", Ops.MATMUL, reals(2, N, 3), reals(3, 2))
            .is(x -> x.get(0).matmul(x.get(1)))
            .like(x -> x.get(0).matmul(x.get(1)))
            .differentiable());
    cases.add(
        OpCase.of("matmul of batches", Ops.MATMUL, reals(2, N, 3), reals(2, 3, N))
            .is(x -> x.get(0).matmul(x.get(1)))
            .like(x -> x.get(0).matmul(x.get(1)))
            .differentiable());
    cases.add(
        OpCase.of("linear", Ops.LINEAR, reals(N, 3), reals(2, 3), reals(2))
            .is(x -> x.get(0).linear(x.get(1), x.get(2)))
            .like(x -> x.get(0).matmul(x.get(1).t()).zip(x.get(2), Double::sum))
            .differentiable());
    cases.add(
        OpCase.of("linear of a vector", Ops.LINEAR, reals(3), reals(N, 3))
            .is(x -> x.get(0).linear(x.get(1)))
            .like(x -> x.get(0).reshaped(1, 3).matmul(x.get(1).t()).reshaped(x.get(1).length(0)))
            .differentiable());
    cases.add(
        OpCase.of("addmm", Ops.ADDMM, reals(N, 2), reals(N, 3), reals(3, 2))
            .is(x -> x.get(0).copy().addmm(x.get(1), x.get(2), 0.5))
            .like(x -> x.get(0).zip(x.get(1).matmul(x.get(2)), (a, b) -> a + b / 2))
            .differentiable());
    cases.add(
        OpCase.of("add a multiple", Ops.ADD_SCALED, reals(N, 2), reals(2))
            .is(x -> x.get(0).add(x.get(1), -0.5))
            .like(x -> Nd.of(x.get(0).shape(), i -> x.get(0).at(i) - 0.5 * x.get(1).at(i[1])))
            .differentiable());
    cases.add(
        OpCase.of("addcmul", Ops.ADDCMUL, reals(N, 2), reals(2), reals(N, 1))
            .is(x -> x.get(0).addcmul(x.get(1), x.get(2)))
            .like(
                x ->
                    x.get(0)
                        .zip(
                            Nd.of(x.get(0).shape(), i -> x.get(1).at(i[1]) * x.get(2).at(i[0], 0)),
                            Double::sum))
            .differentiable());
    cases.add(
        OpCase.of("baddbmm", Ops.BADDBMM, reals(N, 1), reals(2, N, 3), reals(2, 3, 2))
            .is(x -> x.get(0).baddbmm(x.get(1), x.get(2), 0.5, 2))
            .like(x -> x.get(0).zip(x.get(1).matmul(x.get(2)), (a, b) -> a / 2 + 2 * b))
            .differentiable());
    cases.add(
        OpCase.of("baddbmm over", Ops.BADDBMM_OVER, reals(2, N, 2), reals(2, N, 3), reals(2, 3, 2))
            .is(
                x ->
                    Ops.BADDBMM_OVER.apply(
                        x.get(0).copy(),
                        x.get(1),
                        x.get(2),
                        new Op.Keyword("beta", 1L),
                        new Op.Keyword("alpha", 2.0)))
            .like(x -> x.get(0).zip(x.get(1).matmul(x.get(2)), (a, b) -> a + 2 * b))
            .differentiable()
            .unstackable());
    cases.add(
        OpCase.of(
                "attention",
                Ops.ATTENTION,
                reals(2, N, 4),
                reals(2, 3, 4),
                reals(2, 3, 2),
                reals(N, 3))
            .is(x -> x.get(0).attend(x.get(1), x.get(2), x.get(3), 0.5))
            .like(
                x -> {
                  Nd scores = x.get(0).matmul(x.get(1).t()).zip(x.get(3), (s, m) -> s / 2 + m);
                  Nd total =
                      scores
                          .rows(r -> Arrays.stream(r).map(Math::exp).sum())
                          .reshaped(2, x.get(0).length(1), 1);
                  return scores.map(Math::exp).zip(total, (e, t) -> e / t).matmul(x.get(2));
                })
            .differentiable());
    cases.add(
        OpCase.of(
                "attention without a mask",
                Ops.ATTENTION,
                reals(N, 2, 3, 4),
                reals(N, 2, 3, 4),
                reals(N, 2, 3, 4))
            .is(x -> x.get(0).attend(x.get(1), x.get(2), null, 0.5))
            .differentiable());
    cases.add(
        new OpCase(
                "blocked linear",
                List.of(Ops.BLOCKED, Ops.BLOCKED_LINEAR),
                List.of(ints(9, N, 16), ints(9, 3, 16), ints(9, 3)),
                x -> x,
                null,
                false,
                false,
                1e-12)
            .is(
                x -> {
                  Tensor weight = x.get(1).to(DType.FLOAT32).blocked();
                  return x.get(0)
                      .to(DType.FLOAT32)
                      .blockedLinear(weight, x.get(2))
                      .to(DType.FLOAT64);
                })
            .like(x -> x.get(0).matmul(x.get(1).t()).zip(x.get(2), Double::sum)));
    cases.add(
        OpCase.of("int8 linear", Ops.INT8_LINEAR, ints(3, N, 16), ints(3, 2, 16), ints(3, 2))
            .is(
                x ->
                    x.get(0)
                        .to(DType.BFLOAT16)
                        .int8Linear(x.get(1).to(DType.INT8), x.get(2).to(DType.BFLOAT16)))
            .like(x -> x.get(0).matmul(x.get(1).t()).zip(x.get(2), (a, b) -> a * b)));
  }

  private static void shapes(List<OpCase> cases) {
    cases.add(
        OpCase.of("reshape", Ops.RESHAPE, reals(N, 6))
            .is(x -> x.get(0).reshape(-1, 2, 3))
            .like(x -> x.get(0).reshaped(x.get(0).length(0), 2, 3))
            .differentiable());
    cases.add(
        OpCase.of("reshape to its own lengths", Ops.RESHAPE, reals(N, 2))
            .is(x -> x.get(0).reshape(x.get(0).size(1), x.get(0).size(0)))
            .like(x -> x.get(0).reshaped(2, x.get(0).length(0)))
            .differentiable());
    cases.add(
        OpCase.of("expand", Ops.EXPAND, reals(N, 1))
            .is(x -> x.get(0).expand(2, -1, 3))
            .like(x -> Nd.of(shape(2, x.get(0).length(0), 3), i -> x.get(0).at(i[1], 0)))
            .differentiable());
    cases.add(
        OpCase.of("permute", Ops.PERMUTE, reals(N, 2, 3))
            .is(x -> x.get(0).permute(2, 0, 1))
            .like(x -> Nd.of(shape(3, x.get(0).length(0), 2), i -> x.get(0).at(i[1], i[2], i[0])))
            .differentiable());
    cases.add(
        OpCase.of("transpose", Ops.TRANSPOSE, reals(N, 3))
            .is(x -> x.get(0).transpose(0, 1))
            .like(x -> x.get(0).t())
            .differentiable());
    cases.add(
        OpCase.of("unsqueeze", Ops.UNSQUEEZE, reals(N, 3))
            .gives(
                x -> List.of(x.get(0).unsqueeze(1), x.get(0).unsqueeze(-1), x.get(0).unsqueeze(0)))
            .likeAll(
                x -> {
                  int n = x.get(0).length(0);
                  return List.of(
                      x.get(0).reshaped(n, 1, 3),
                      x.get(0).reshaped(n, 3, 1),
                      x.get(0).reshaped(1, n, 3));
                })
            .differentiable());
    cases.add(
        OpCase.of("squeeze", Ops.SQUEEZE, reals(N, 1))
            .is(x -> x.get(0).squeeze(-1))
            .like(x -> x.get(0).reshaped(x.get(0).length(0)))
            .differentiable());
    cases.add(
        OpCase.of("narrow", Ops.NARROW, reals(N, 3))
            .is(x -> x.get(0).narrow(0, Dim.of(1), x.get(0).size(0).minus(1)))
            .like(x -> Nd.of(shape(x.get(0).length(0) - 1, 3), i -> x.get(0).at(i[0] + 1, i[1])))
            .differentiable());
    cases.add(
        OpCase.of("select", Ops.SELECT, reals(N, 3))
            .gives(x -> List.of(x.get(0).select(1, 2), x.get(0).select(0, -1)))
            .likeAll(
                x ->
                    List.of(
                        Nd.of(shape(x.get(0).length(0)), i -> x.get(0).at(i[0], 2)),
                        Nd.of(shape(3), i -> x.get(0).at(x.get(0).length(0) - 1, i[0]))))
            .differentiable());
    cases.add(
        OpCase.of("cat", Ops.CAT, reals(N, 2), reals(3, 2))
            .gives(x -> List.of(Tensor.cat(x, 0), Tensor.stack(List.of(x.get(1), x.get(1)), 1)))
            .likeAll(
                x -> {
                  int n = x.get(0).length(0);
                  return List.of(
                      Nd.of(
                          shape(n + 3, 2),
                          i -> i[0] < n ? x.get(0).at(i) : x.get(1).at(i[0] - n, i[1])),
                      Nd.of(shape(3, 2, 2), i -> x.get(1).at(i[0], i[2])));
                })
            .differentiable());
    cases.add(
        OpCase.of("cat of types", Ops.CAT, ints(9, N), reals(2))
            .is(x -> Tensor.cat(x, 0))
            .like(
                x ->
                    Nd.of(
                        shape(x.get(0).length(0) + 2),
                        i ->
                            i[0] < x.get(0).length(0)
                                ? x.get(0).at(i)
                                : x.get(1).at(i[0] - x.get(0).length(0)))));
    cases.add(
        OpCase.of("repeat interleave", Ops.REPEAT_INTERLEAVE, reals(N, 2))
            .is(x -> x.get(0).repeatInterleave(2, 0))
            .like(x -> Nd.of(shape(2 * x.get(0).length(0), 2), i -> x.get(0).at(i[0] / 2, i[1])))
            .differentiable());
    cases.add(
        OpCase.of("view as bytes", Ops.VIEW_AS, ints(9, N))
            .is(x -> x.get(0).viewAs(DType.UINT8))
            .like(
                x ->
                    Nd.of(
                        shape(8 * x.get(0).length(0)),
                        i -> i[0] % 8 == 0 ? x.get(0).at(i[0] / 8) : 0)));
  }

  private static void indexing(List<OpCase> cases) {
    cases.add(
        OpCase.of("index select", Ops.INDEX_SELECT, reals(3, N, 2), ints(3, 4))
            .is(x -> x.get(0).indexSelect(0, x.get(1)))
            .like(
                x ->
                    Nd.of(
                        shape(4, x.get(0).length(1), 2),
                        i -> x.get(0).at((int) x.get(1).at(i[0]), i[1], i[2])))
            .differentiable());
    cases.add(
        OpCase.of("index select of columns", Ops.INDEX_SELECT, reals(N, 3), ints(3, 4))
            .is(x -> x.get(0).indexSelect(-1, x.get(1)))
            .like(
                x ->
                    Nd.of(
                        shape(x.get(0).length(0), 4),
                        i -> x.get(0).at(i[0], (int) x.get(1).at(i[1]))))
            .differentiable());
    cases.add(
        OpCase.of("gather", Ops.GATHER, reals(N, 3), ints(3, N, 2))
            .is(x -> x.get(0).gather(1, x.get(1)))
            .like(x -> Nd.of(x.get(1).shape(), i -> x.get(0).at(i[0], (int) x.get(1).at(i))))
            .differentiable());
    cases.add(
        OpCase.of("embedding", Ops.EMBEDDING, reals(4, 3), ints(4, N, 2))
            .is(x -> x.get(0).embedding(x.get(1)))
            .like(
                x ->
                    Nd.of(
                        shape(x.get(1).length(0), 2, 3),
                        i -> x.get(0).at((int) x.get(1).at(i[0], i[1]), i[2])))
            .differentiable());
    cases.add(
        OpCase.of("embedding of one id", Ops.EMBEDDING, reals(4, N), ints(4))
            .is(x -> x.get(0).embedding(x.get(1)))
            .like(
                x -> Nd.of(shape(x.get(0).length(1)), i -> x.get(0).at((int) x.get(1).at(), i[0])))
            .differentiable());
    cases.add(
        OpCase.of("index add", Ops.INDEX_ADD, reals(4, 2), ints(4, N), reals(N, 2))
            .is(x -> x.get(0).indexAdd(0, x.get(1), x.get(2)))
            .like(
                x ->
                    Nd.of(
                        shape(4, 2),
                        i -> {
                          double sum = x.get(0).at(i);
                          for (int j = 0; j < x.get(1).length(0); j++) {
                            sum += x.get(1).at(j) == i[0] ? x.get(2).at(j, i[1]) : 0;
                          }
                          return sum;
                        }))
            .differentiable());
    cases.add(
        OpCase.of("scatter add", Ops.SCATTER_ADD, reals(4, 2), ints(4, N, 2), reals(N, 2))
            .is(x -> x.get(0).scatterAdd(0, x.get(1), x.get(2)))
            .like(
                x ->
                    Nd.of(
                        shape(4, 2),
                        i -> {
                          double sum = x.get(0).at(i);
                          for (int j = 0; j < x.get(1).length(0); j++) {
                            sum += x.get(1).at(j, i[1]) == i[0] ? x.get(2).at(j, i[1]) : 0;
                          }
                          return sum;
                        }))
            .differentiable());
    cases.add(
        OpCase.of("write", Ops.WRITE, reals(5, N), reals(2, N))
            .is(x -> x.get(0).copy().write(0, Dim.of(1), x.get(1)))
            .like(
                x ->
                    Nd.of(
                        x.get(0).shape(),
                        i -> i[0] == 1 || i[0] == 2 ? x.get(1).at(i[0] - 1, i[1]) : x.get(0).at(i)))
            .differentiable());
    cases.add(
        OpCase.of("write into a fresh tensor", Ops.WRITE, reals(2, N))
            .is(
                x -> {
                  Tensor fresh = Tensor.full(0, DType.FLOAT64, Dim.of(4), x.get(0).size(1));
                  fresh.write(0, Dim.of(1), x.get(0));
                  return fresh.add(1);
                })
            .like(
                x ->
                    Nd.of(
                        shape(4, x.get(0).length(1)),
                        i -> 1 + (i[0] == 1 || i[0] == 2 ? x.get(0).at(i[0] - 1, i[1]) : 0)))
            .differentiable());
  }

  private static void creation(List<OpCase> cases) {
    cases.add(
        OpCase.of("full", Ops.FULL, reals(N))
            .gives(
                x ->
                    List.of(
                        Tensor.full(7, DType.INT32, x.get(0).size(0)),
                        Tensor.full(1, DType.BOOL, Dim.of(2)),
                        Tensor.full(0.5, DType.FLOAT32)))
            .likeAll(
                x ->
                    List.of(
                        Nd.of(x.get(0).shape(), i -> 7),
                        Nd.of(shape(2), i -> 1),
                        new Nd(shape(), new double[] {0.5}))));
    cases.add(
        OpCase.of("arange", Ops.ARANGE, reals(N))
            .is(x -> Tensor.arange(x.get(0).size(0)))
            .like(x -> Nd.of(x.get(0).shape(), i -> i[0])));
    cases.add(
        OpCase.of("rand", Ops.RAND, ints(1000, 1), reals(N))
            .is(x -> Tensor.rand(x.get(0), DType.FLOAT32, x.get(1).size(0), Dim.of(2))));
    cases.add(
        OpCase.of("randn", Ops.RANDN, ints(1000, 1), reals(N))
            .is(x -> Tensor.randn(x.get(0), DType.FLOAT64, x.get(1).size(0))));
    cases.add(
        OpCase.of("gradient", Ops.GRADIENT, reals(N), reals(2))
            .gives(x -> Grad.of(p -> p.get(0).pow(3).sum().add(p.get(1).sum().detach()), x).grads())
            .likeAll(x -> List.of(x.get(0).map(v -> 3 * v * v), x.get(1).map(v -> 0))));
    cases.add(
        OpCase.of("gradient of what is shared", Ops.GRADIENT, reals(N), reals(N))
            .is(x -> Grad.of(p -> p.mul(x.get(1)).pow(2).sum(), x.get(0)).grads())
            .like(x -> x.get(0).zip(x.get(1), (a, b) -> 2 * a * b * b)));
    cases.add(
        OpCase.of("pullback", Ops.GRADIENT, reals(N), reals(N))
            .is(x -> Grad.vjp(Tensor::exp, x.get(0)).pull().apply(x.get(1)))
            .like(x -> x.get(0).zip(x.get(1), (a, c) -> Math.exp(a) * c)));
  }
}
