package ai.kindred.federated;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One piece of work of one round: its stacks are run on any thread, their sums joined. */
final class StackCall<E, I, T, R> {

  /**
   * So large that no finite answer is shortened, and not infinite, since inf / inf is no number.
   */
  private static final float UNBOUNDED = Float.MAX_VALUE;

  private final Engine<E> engine;
  private final StackKernel<E, I, T, R> kernel;
  private final I sent;
  private final T fresh;
  private final List<Worker> ready;
  private final Key key;
  private final Tally tally;
  private final @Nullable Singly singly;

  StackCall(
      Engine<E> engine,
      StackKernel<E, I, T, R> kernel,
      I sent,
      T fresh,
      List<Worker> ready,
      Key key,
      Tally tally) {
    this.engine = engine;
    this.kernel = kernel;
    this.sent = sent;
    this.fresh = fresh;
    this.ready = ready;
    this.key = key;
    this.tally = tally;
    this.singly = engine.collecting().singly() ? new Singly(ready) : null;
  }

  /**
   * The weighted sum of some clients' answers.
   *
   * @param owner owns the sum
   * @param sum null where no client gave a usable answer
   */
  record Part<R>(Scope owner, @Nullable R sum, double weight) {

    static <R> Part<R> join(TreeSums sums, Part<R> left, Part<R> right) {
      R one = left.sum;
      R other = right.sum;
      if (one == null || other == null) {
        Part<R> kept = one == null ? right : left;
        (one == null ? left : right).owner.close();
        return kept;
      }
      Scope owner = Scope.detached();
      R sum = Scope.tidy(() -> owner.adopt(sums.add(one, other)));
      left.owner.close();
      right.owner.close();
      return new Part<>(owner, sum, left.weight + right.weight);
    }

    /** The sum, now the scope's. */
    @Nullable R handOver(Scope scope) {
      R mine = sum;
      if (mine != null) {
        scope.adopt(mine);
      }
      owner.close();
      return mine;
    }
  }

  /** Runs a stack; clients whose data cannot be read or whose answer is not finite are left out. */
  Part<R> run(Stacks.Stack stack) {
    List<Worker> workers = stack.places().stream().map(ready::get).toList();
    int width =
        Math.min(
            engine.training().batch(), workers.stream().mapToInt(Worker::examples).max().orElse(1));
    List<Worker> able = new ArrayList<>();
    List<ClientBatches> batches = new ArrayList<>();
    for (Worker w : workers) {
      try {
        Key forClient = key.fold("client").fold(w.client());
        batches.add(
            ClientBatches.draw(
                engine.data().partition(),
                w.client(),
                engine.poolRows(),
                engine.training(),
                width,
                forClient));
        able.add(w);
      } catch (RuntimeException e) {
        tally.failed(w.place(), engine.data().partition().name(w.client()), e);
      }
    }
    while (!able.isEmpty()) {
      List<Worker> now = List.copyOf(able);
      List<ClientBatches> theirs = List.copyOf(batches);
      Outcome<R> outcome = Scope.tidy(() -> attempt(now, theirs, width, stack.stacked()));
      R sum = outcome.sum();
      if (sum != null) {
        Scope owner = Scope.detached();
        double weight = now.stream().mapToDouble(Worker::weight).sum();
        return new Part<>(owner, owner.adopt(sum), weight);
      }
      for (int i : outcome.refused()) {
        tally.refused(now.get(i).place());
        able.remove(i);
        batches.remove(i);
      }
    }
    return new Part<>(Scope.detached(), null, 0);
  }

  /**
   * What an attempt gave.
   *
   * @param sum null where a client was refused
   * @param refused indices of clients whose answer was not finite, the last first
   */
  private record Outcome<R>(@Nullable R sum, List<Integer> refused) {}

  private Outcome<R> attempt(
      List<Worker> workers, List<ClientBatches> batches, int width, boolean stacked) {
    int n = workers.size();
    StackKernel.Result<T, R> result = kernel.call(call(workers, batches, width, stacked));
    float[] norms = result.left().norm().toFloats();
    List<Integer> refused = new ArrayList<>();
    for (int i = n - 1; i >= 0; i--) {
      if (!Float.isFinite(norms[i])) {
        refused.add(i);
      }
    }
    if (!refused.isEmpty()) {
      return new Outcome<>(null, refused);
    }
    take(workers, result);
    return new Outcome<>(result.sum(), refused);
  }

  private StackKernel.Call<E, I, T> call(
      List<Worker> workers, List<ClientBatches> batches, int width, boolean stacked) {
    int n = workers.size();
    int most = batches.stream().mapToInt(ClientBatches::steps).max().orElse(1);
    int[] rows = new int[Math.multiplyExact(Math.multiplyExact(n, most), width)];
    Arrays.fill(rows, -1);
    long[] keys = new long[n * most];
    long[] steps = new long[n];
    long[] passSteps = new long[n];
    float[] examples = new float[n];
    float[] weights = new float[n];
    boolean ragged = false;
    for (int i = 0; i < n; i++) {
      ClientBatches b = batches.get(i);
      System.arraycopy(b.rows(), 0, rows, i * most * width, b.rows().length);
      System.arraycopy(b.keys(), 0, keys, i * most, b.steps());
      steps[i] = b.steps();
      passSteps[i] = b.passSteps();
      examples[i] = b.examples();
      weights[i] = (float) workers.get(i).weight();
      ragged |= steps[i] != steps[0] || passSteps[i] != passSteps[0];
    }
    double bound = Math.min(engine.collecting().clipNorm(), UNBOUNDED);
    List<Integer> clients = workers.stream().map(Worker::client).toList();
    return new StackKernel.Call<>(
        sent,
        engine.data().pool(),
        engine.memories().stacked(clients, fresh),
        Tensor.of(rows, n, most, width),
        Tensor.of(steps, n),
        Tensor.of(passSteps, n),
        Tensor.of(examples, n),
        Tensor.of(keys, n, most),
        Tensor.of(weights, n),
        Tensor.scalar(bound, DType.FLOAT32),
        stacked,
        stacked && ragged,
        singly != null);
  }

  private void take(List<Worker> workers, StackKernel.Result<T, R> result) {
    int n = workers.size();
    Map<String, float[]> reports = new LinkedHashMap<>();
    result.left().reports().forEach((name, t) -> reports.put(name, t.toFloats()));
    reports.put("norm", result.left().norm().toFloats());
    if (!Tree.leaves(fresh).isEmpty()) {
      List<float[]> rows = Memories.unstacked(result.left().memory(), n);
      for (int i = 0; i < n; i++) {
        engine.memories().put(workers.get(i).client(), rows.get(i));
      }
    }
    if (singly != null) {
      singly.put(workers, result.left().flat().get(0).toFloats());
    }
    long bytes = singly == null ? Round.bytes(result.sum()) : 0;
    for (int i = 0; i < n; i++) {
      Map<String, Double> numbers = new LinkedHashMap<>();
      for (Map.Entry<String, float[]> r : reports.entrySet()) {
        numbers.put(r.getKey(), (double) r.getValue()[i]);
      }
      tally.answered(workers.get(i), bytes, numbers);
    }
  }

  /** The answers merged one by one, in the tree of their sum. */
  R mergedSingly(R sum, Key forCall) {
    if (singly == null) {
      throw new IllegalStateException("answers were not kept one by one");
    }
    float[] merged = singly.merged(engine.collecting(), forCall, tally);
    int[] at = {0};
    return Tree.map(
        sum,
        t -> {
          long[] shape = t.lengths();
          int each = Math.toIntExact(t.elements());
          float[] part = Arrays.copyOfRange(merged, at[0], at[0] + each);
          at[0] += each;
          return Tensor.of(part, shape).to(t.dtype());
        });
  }
}
