package ai.kindred.federated;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One native call for the local training of several clients: their answers' weighted sum, and what
 * they report. The clients run side by side on a lane axis, or one after the other; both trace the
 * same work.
 */
final class StackKernel<E, I, T, R> implements AutoCloseable {

  /**
   * What a call reads. Tensors of the clients have a leading axis, one entry a client.
   *
   * @param received what the server sent
   * @param pool all examples
   * @param memory [n, ..] each client's own memory
   * @param rows [n, steps, width] int32 rows of the pool, -1 where a batch is filled up
   * @param steps [n] int64 batches of each client
   * @param passSteps [n] int64 batches of the first pass
   * @param examples [n] float32
   * @param keys [n, steps] int64
   * @param weights [n] float32 weights of the sum
   * @param bound float32 number: longer answers are shortened to this norm
   * @param stacked side by side, or one after the other
   * @param ragged whether clients differ in their number of steps
   * @param singly whether each answer is wanted by itself too
   */
  record Call<E, I, T>(
      I received,
      E pool,
      T memory,
      Tensor rows,
      Tensor steps,
      Tensor passSteps,
      Tensor examples,
      Tensor keys,
      Tensor weights,
      Tensor bound,
      boolean stacked,
      boolean ragged,
      boolean singly) {}

  /** A client's part of a call. */
  private record Lane<T>(
      T memory, Tensor rows, Tensor steps, Tensor passSteps, Tensor examples, Tensor keys) {}

  /**
   * What a client leaves besides its answer.
   *
   * @param norm of the answer, over all its tensors
   * @param reports by name
   * @param flat the answer as one vector, or none
   */
  record Left<T>(Tensor norm, Map<String, Tensor> reports, T memory, List<Tensor> flat) {}

  private record Answered<T, R>(R result, Left<T> left) {}

  /**
   * What a call gives.
   *
   * @param sum the weighted sum of the clients' answers, each shortened to the bound
   * @param left [n, ..] by client
   */
  record Result<T, R>(R sum, Left<T> left) {}

  private final OnClient.Stateful<Minibatch<E>, I, T, R> work;
  private final Kernel<Call<E, I, T>, Result<T, R>> kernel;

  StackKernel(OnClient.Stateful<Minibatch<E>, I, T, R> work) {
    this.work = work;
    this.kernel = Kernel.of(c -> c.stacked() ? sideBySide(c) : oneByOne(c));
  }

  Result<T, R> call(Call<E, I, T> call) {
    return kernel.call(call);
  }

  private Result<T, R> sideBySide(Call<E, I, T> c) {
    Kernel<Lane<T>, Answered<T, R>> lanes =
        Kernel.stacked(
            lane -> {
              Dim steps = lane.rows().size(0);
              Tensor last = c.ragged() ? lane.steps() : null;
              Tensor lastOfPass = c.ragged() ? lane.passSteps() : null;
              return answer(
                  c,
                  lane,
                  new Replayed<>(c.pool(), lane, new Turns(steps, last), passTurns(c, lastOfPass)));
            });
    Answered<T, R> all =
        lanes.call(
            new Lane<>(c.memory(), c.rows(), c.steps(), c.passSteps(), c.examples(), c.keys()));
    Tensor weights = c.weights().mul(shortening(all.left().norm(), c.bound()));
    R sum = Tree.map(all.result(), t -> weighted(t, weights));
    return new Result<>(sum, all.left());
  }

  /** Clients of a call without ragged steps share the length of their first pass. */
  private static Turns passTurns(Call<?, ?, ?> c, @Nullable Tensor last) {
    return last == null
        ? new Turns(c.passSteps().select(0, 0).toDim(), null)
        : new Turns(c.rows().size(1), last);
  }

  private static Tensor weighted(Tensor t, Tensor weights) {
    Dim n = t.size(0);
    Tensor flat = weights.to(t.dtype()).reshape(Dim.of(1), n).matmul(t.reshape(n, Dim.of(-1)));
    return flat.reshape(t.shape().subList(1, t.rank()).toArray(new Dim[0]));
  }

  private Result<T, R> oneByOne(Call<E, I, T> c) {
    R zero = Kernel.zerosLike(() -> one(c, Dim.of(0)).result());
    Kernel.Scanned<R, Left<T>> all =
        Kernel.scan(
            c.rows().size(0),
            zero,
            (i, sum) -> {
              Answered<T, R> a = one(c, i);
              Tensor weight = c.weights().select(0, i).mul(shortening(a.left().norm(), c.bound()));
              return new Kernel.Scanned<>(
                  joined(sum, a.result(), (s, r) -> s.addcmul(r, weight.to(s.dtype()))), a.left());
            });
    return new Result<>(all.carry(), all.collected());
  }

  private Answered<T, R> one(Call<E, I, T> c, Dim i) {
    Lane<T> lane =
        new Lane<>(
            Tree.map(c.memory(), t -> t.select(0, i)),
            c.rows().select(0, i),
            c.steps().select(0, i),
            c.passSteps().select(0, i),
            c.examples().select(0, i),
            c.keys().select(0, i));
    Turns steps = new Turns(lane.steps().toDim(), null);
    Turns pass = new Turns(lane.passSteps().toDim(), null);
    return answer(c, lane, new Replayed<>(c.pool(), lane, steps, pass));
  }

  private Answered<T, R> answer(Call<E, I, T> c, Lane<T> lane, Replayed<E> client) {
    OnClient.Answer<T, R> answer = work.apply(c.received(), lane.memory(), client);
    Tensor squares = null;
    List<Tensor> flat = new ArrayList<>();
    for (Tensor t : Tree.leaves(answer.result()).values()) {
      Tensor wide = t.to(DType.FLOAT32);
      Tensor s = wide.mul(wide).sum();
      squares = squares == null ? s : squares.add(s);
      flat.add(wide.reshape(-1));
    }
    if (squares == null) {
      throw new IllegalArgumentException("a client's answer has no tensors");
    }
    List<Tensor> singly = c.singly() ? List.of(Tensor.cat(flat, 0)) : List.of();
    return new Answered<>(
        answer.result(), new Left<>(squares.sqrt(), client.reports, answer.memory(), singly));
  }

  private static Tensor shortening(Tensor norm, Tensor bound) {
    return bound.div(norm.maximum(bound));
  }

  static <A> A joined(A left, A right, BiFunction<Tensor, Tensor, Tensor> f) {
    Iterator<Tensor> other = Tree.leaves(right).values().iterator();
    return Tree.map(left, t -> f.apply(t, other.next()));
  }

  /**
   * How often a loop turns.
   *
   * @param count turns of the loop
   * @param last where lanes differ, the number of turns that count in a lane
   */
  private record Turns(Dim count, @Nullable Tensor last) {

    <C> C loop(C start, BiFunction<Dim, C, C> body) {
      return Kernel.loop(
          count,
          start,
          (i, carry) -> {
            C next = body.apply(i, carry);
            if (last == null) {
              return next;
            }
            Tensor counts = Tensor.of(i).lt(last);
            return joined(next, carry, (n, c) -> Tensor.where(counts, n, c));
          });
    }
  }

  /** A client whose batches are rows of the pool. */
  private static final class Replayed<E> implements Client<Minibatch<E>> {
    private final E pool;
    private final Lane<?> lane;
    private final Tensor known;
    private final Tensor weight;
    private final Tensor share;
    private final Turns steps;
    private final Turns pass;
    private final Map<String, Tensor> reports = new LinkedHashMap<>();

    Replayed(E pool, Lane<?> lane, Turns steps, Turns pass) {
      this.pool = pool;
      this.lane = lane;
      // Outside the loop over steps: once for all batches.
      this.known = lane.rows().clamp(0.0, null);
      this.weight = lane.rows().ge(0).to(DType.FLOAT32);
      this.share = weight.div(weight.sum(-1, true).clamp(1.0, null));
      this.steps = steps;
      this.pass = pass;
    }

    @Override
    public <C> C fold(C start, Step<C, Minibatch<E>> step) {
      return steps.loop(start, (i, carry) -> step.apply(carry, batch(i), key(i)));
    }

    @Override
    public <C> C pass(C start, Step<C, Minibatch<E>> step) {
      return pass.loop(start, (i, carry) -> step.apply(carry, batch(i), key(i)));
    }

    private Minibatch<E> batch(Dim i) {
      Tensor now = known.select(0, i);
      return new Minibatch<>(
          Tree.map(pool, t -> t.indexSelect(0, now)), weight.select(0, i), share.select(0, i));
    }

    private Tensor key(Dim i) {
      return lane.keys().select(0, i).reshape(1);
    }

    @Override
    public Tensor steps() {
      return lane.steps().to(DType.FLOAT32);
    }

    @Override
    public Tensor examples() {
      return lane.examples();
    }

    @Override
    public void report(String name, Tensor value) {
      reports.put(name, value.to(DType.FLOAT32).reshape(new long[0]));
    }
  }

  @Override
  public void close() {
    kernel.close();
  }
}
