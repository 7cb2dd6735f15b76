package ai.kindred.federated;

import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.IntraOp;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** The clients of one round, worked through stack by stack. */
final class Round<E> implements Cohort<Minibatch<E>> {

  private final Engine<E> engine;
  private final long round;
  private final Key key;
  private final List<Integer> clients;
  private final Tally tally;
  private int calls;

  Round(Engine<E> engine, long round, Key key, List<Integer> clients) {
    this.engine = engine;
    this.round = round;
    this.key = key;
    this.clients = List.copyOf(clients);
    this.tally = new Tally(this.clients);
  }

  @Override
  public long round() {
    return round;
  }

  @Override
  public List<Integer> clients() {
    return clients;
  }

  @Override
  public int population() {
    return engine.data().partition().clients();
  }

  RoundReport report() {
    return tally.report(round);
  }

  @Override
  public <I, R> R mean(OnClient<Minibatch<E>, I, R> work, I sent) {
    return merged(engine.kernels().of(work), sent, List.of());
  }

  @Override
  public <I, T, R> R mean(OnClient.Stateful<Minibatch<E>, I, T, R> work, I sent, T fresh) {
    Memories.requireFloats(fresh);
    return merged(engine.kernels().of(work), sent, fresh);
  }

  private <I, T, R> R merged(StackKernel<E, I, T, R> kernel, I sent, T fresh) {
    List<Worker> ready = ready();
    tally.sent(ready.size() * bytes(sent));
    Key forCall = key.fold("call").fold(calls++);
    StackCall<E, I, T, R> call = new StackCall<>(engine, kernel, sent, fresh, ready, key, tally);
    int[] steps = ready.stream().mapToInt(Worker::steps).toArray();
    List<Stacks.Stack> stacks = Stacks.of(steps, elements(sent), engine.stackable());
    List<Integer> indices = IntStream.range(0, stacks.size()).boxed().toList();
    StackCall.Part<R> all =
        IntraOp.single(
            () ->
                engine
                    .workers()
                    .mapFold(
                        indices,
                        i -> {
                          IntraOp.singleFromNowOn();
                          return call.run(stacks.get(i));
                        },
                        (left, right) -> StackCall.Part.join(engine.sums(), left, right)));
    try (Scope scope = Scope.open()) {
      R sum = all.handOver(scope);
      if (sum == null || all.weight() == 0) {
        throw new NoAnswerException(tally.whyNone(round));
      }
      return scope.keep(served(sum, all.weight(), call, forCall));
    }
  }

  private <R> R served(R sum, double weight, StackCall<E, ?, ?, R> call, Key forCall) {
    Collecting collecting = engine.collecting();
    if (collecting.singly()) {
      return call.mergedSingly(sum, forCall);
    }
    if (collecting.noise() == 0) {
      return engine.sums().multiply(sum, 1 / weight);
    }
    double deviation = collecting.noise() * collecting.clipNorm() / collecting.cohort();
    int[] leaf = {0};
    return Tree.map(
        sum,
        t -> {
          Tensor forLeaf = Tensor.of(forCall.fold("noise").fold(leaf[0]++));
          Tensor noise = Tensor.randn(forLeaf, t.dtype(), t.shape().toArray(new Dim[0]));
          return t.mul(1 / collecting.cohort()).add(noise, deviation);
        });
  }

  private List<Worker> ready() {
    List<Worker> ready = new ArrayList<>();
    Partition partition = engine.data().partition();
    for (int place = 0; place < clients.size(); place++) {
      int client = clients.get(place);
      int size;
      double weight;
      try {
        size = partition.size(client);
        weight = engine.collecting().weighting().weight(client, size);
      } catch (RuntimeException e) {
        tally.failed(place, partition.name(client), e);
        continue;
      }
      if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "the weight of client %s is %s; a weight is finite and at least 0"
                .formatted(partition.name(client), weight));
      }
      if (size == 0) {
        tally.empty(place);
      } else {
        ready.add(new Worker(place, client, size, weight, engine.training().stepsOf(size)));
      }
    }
    if (ready.isEmpty()) {
      throw new NoAnswerException(tally.whyNone(round));
    }
    return ready;
  }

  @Override
  public <T> Supplier<T> meanwhile(Supplier<T> central) {
    record Made<M>(Scope owner, M result) {}
    CompletableFuture<Made<T>> running =
        CompletableFuture.supplyAsync(
            () -> {
              Scope owner = Scope.detached();
              IntraOp.singleFromNowOn();
              T result = Scope.tidy(() -> owner.adopt(central.get()));
              return new Made<>(owner, result);
            },
            engine.central());
    return () -> {
      Made<T> made = Joined.of(running);
      try (Scope scope = Scope.open()) {
        T result = scope.keep(scope.adopt(made.result()));
        made.owner().close();
        return result;
      }
    };
  }

  static long bytes(Object tree) {
    long bytes = 0;
    for (Tensor t : Tree.leaves(tree).values()) {
      bytes += t.elements() * t.dtype().bytes();
    }
    return bytes;
  }

  private static long elements(Object tree) {
    return Tree.leaves(tree).values().stream().mapToLong(Tensor::elements).sum();
  }
}
