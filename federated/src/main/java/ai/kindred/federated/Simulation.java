package ai.kindred.federated;

import ai.kindred.core.config.Configs;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Held;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Signal;
import ai.kindred.core.train.Snapshot;
import ai.kindred.core.train.Snapshots;
import ai.kindred.core.train.TrainingException;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.core.workers.Workers;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Runs an algorithm over simulated clients, round by round. The result follows from data, config
 * and seed; the number of threads changes nothing.
 *
 * <pre>{@code
 * ClientData<Examples> data = new ClientData<>(pool, partition);
 * Simulation<Examples, ?> simulation =
 *     Simulation.of(new FedAvg<>(local, ServerOptimizer.sgd(1)), data, Sampling.uniform(50), config);
 * try (ThreadWorkers workers = new ThreadWorkers(2)) {
 *   Params trained = simulation.run(Tree.params(model), workers);
 * }
 * }</pre>
 *
 * @param algorithm what is done in a round
 * @param data all clients' examples
 * @param sampling who takes part
 * @param config how long and how much
 * @param collecting what happens to answers on their way
 * @param devices what clients run on
 * @param quorum when a round ends
 * @param evaluation numbers about a model, for the record
 * @param observer sees every round and evaluation
 * @param folder of checkpoints, or null
 * @param identity what a checkpoint must agree on to be resumed, besides the config
 * @param <E> the tree of examples
 * @param <S> the algorithm's state
 */
public record Simulation<E, S>(
    Algorithm<Minibatch<E>, S> algorithm,
    ClientData<E> data,
    Sampling sampling,
    SimulationConfig config,
    Collecting collecting,
    Devices devices,
    Quorum quorum,
    Evaluation evaluation,
    Observer observer,
    @Nullable Path folder,
    Map<String, String> identity) {

  /** Numbers about a model. */
  @FunctionalInterface
  public interface Evaluation {

    /** By name, such as accuracy; may be empty. */
    Map<String, Double> evaluate(Params model);
  }

  private static final Set<String> FREE =
      Set.of(
          "simulation.rounds",
          "simulation.evaluate_every",
          "simulation.checkpoint_every",
          "simulation.keep_checkpoints");

  /** A simulation that averages answers by examples and keeps nothing on disk. */
  public static <E, S> Simulation<E, S> of(
      Algorithm<Minibatch<E>, S> algorithm,
      ClientData<E> data,
      Sampling sampling,
      SimulationConfig config) {
    return new Simulation<>(
        algorithm,
        data,
        sampling,
        config,
        Collecting.MEAN,
        Devices.IDEAL,
        Quorum.ALL,
        model -> Map.of(),
        event -> Signal.CONTINUE,
        null,
        Map.of());
  }

  /** With answers collected otherwise. */
  public Simulation<E, S> collecting(Collecting by) {
    return new Simulation<>(
        algorithm,
        data,
        sampling,
        config,
        by,
        devices,
        quorum,
        evaluation,
        observer,
        folder,
        identity);
  }

  /** On a virtual clock: on these devices, each round as long as the quorum says. */
  public Simulation<E, S> on(Devices on, Quorum until) {
    return new Simulation<>(
        algorithm,
        data,
        sampling,
        config,
        collecting,
        on,
        until,
        evaluation,
        observer,
        folder,
        identity);
  }

  /** With an evaluation of the model now and then. */
  public Simulation<E, S> evaluatedBy(Evaluation by) {
    return new Simulation<>(
        algorithm,
        data,
        sampling,
        config,
        collecting,
        devices,
        quorum,
        by,
        observer,
        folder,
        identity);
  }

  /** With an observer. */
  public Simulation<E, S> observedBy(Observer by) {
    return new Simulation<>(
        algorithm,
        data,
        sampling,
        config,
        collecting,
        devices,
        quorum,
        evaluation,
        by,
        folder,
        identity);
  }

  /** With checkpoints. Where the folder has one, the run goes on from it. */
  public Simulation<E, S> savedTo(Path checkpoints, Map<String, String> same) {
    return new Simulation<>(
        algorithm,
        data,
        sampling,
        config,
        collecting,
        devices,
        quorum,
        evaluation,
        observer,
        checkpoints,
        same);
  }

  /**
   * What a checkpoint holds.
   *
   * @param clients [m] int64 clients that have a memory
   * @param memories [m, n] float32
   */
  private record Saved<T>(T state, Tensor clients, Tensor memories) {}

  private record Facts(long memory, double clock) {}

  /**
   * Runs all rounds, or those that are left.
   *
   * @param initial the model to begin with; neither changed nor freed
   * @return the last model, owned by the innermost scope
   * @throws NoAnswerException where no client of a round gave a usable answer
   * @throws TrainingException where the model is no longer finite, or a checkpoint cannot be
   *     written or is of another run
   */
  public Params run(Params initial, Workers workers) {
    ExecutorService central = Executors.newSingleThreadExecutor(Simulation::daemon);
    Memories memories = new Memories();
    try (Scope scope = Scope.open();
        StackKernels<E> kernels = new StackKernels<>();
        TreeSums sums = new TreeSums()) {
      Engine<E> engine =
          new Engine<>(
              data,
              config.training(),
              collecting,
              workers,
              central,
              kernels,
              sums,
              memories,
              data.rows(),
              config.stackable());
      Snapshots snapshots = snapshots();
      S first = algorithm.start(initial.map(Tensor::copy));
      Snapshot saved = snapshots == null ? null : snapshots.latest();
      long done = saved == null ? 0 : saved.step();
      try (Held<S> held = Held.of(saved == null ? first : restored(saved, first, memories))) {
        double clock = saved == null ? 0 : saved.facts(Facts.class).clock();
        rounds(engine, held, done, clock, snapshots);
        Params model = algorithm.model(held.get()).map(Tensor::copy);
        return scope.keep(model);
      }
    } finally {
      central.shutdown();
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "kindred-central");
    thread.setDaemon(true);
    return thread;
  }

  private void rounds(
      Engine<E> engine, Held<S> held, long done, double started, @Nullable Snapshots snapshots) {
    Key key = Key.of(config.seed()).fold("federated");
    double clock = started;
    for (long round = done; round < config.rounds(); round++) {
      if (Thread.interrupted()) {
        throw interrupted(held.get(), round, clock, engine.memories(), snapshots);
      }
      Key forRound = key.fold(round);
      List<Integer> cohort =
          sampling.draw(round, data.partition().clients(), forRound.fold("cohort"));
      long began = System.nanoTime();
      Attendance attendance =
          Attendance.of(
              devices, quorum, data.partition(), config.training(), cohort, clock, forRound);
      clock += attendance.seconds();
      Round<E> now = new Round<>(engine, round, forRound, attendance.inTime());
      held.set(Scope.tidy(() -> algorithm.round(held.get(), now)));
      RoundReport report = now.report();
      Signal signal =
          observer.on(
              event(report, (System.nanoTime() - began) / 1e9)
                  .with("drawn", cohort.size())
                  .with("absent", attendance.absent())
                  .with("late", attendance.late())
                  .with("clock", clock));
      boolean last = signal == Signal.STOP || round + 1 == config.rounds();
      if (last || due(round + 1, config.evaluateEvery())) {
        signal = signal.or(evaluated(held.get(), round + 1));
      }
      if (snapshots != null && (last || due(round + 1, config.checkpointEvery()))) {
        save(held.get(), round + 1, clock, engine.memories(), snapshots);
      }
      if (signal == Signal.STOP) {
        return;
      }
    }
  }

  private static boolean due(long round, long every) {
    return every > 0 && round % every == 0;
  }

  private static Event event(RoundReport report, double seconds) {
    Event event = new Event(report.round() + 1, "round");
    for (String name : report.reports().keySet()) {
      event = event.with(name, report.mean(name));
    }
    return event
        .with("asked", report.asked())
        .with("answered", report.answered())
        .with("refused", report.refused())
        .with("failed", report.failures().size())
        .with("empty", report.empty())
        .with("bytes_down", report.bytesDown())
        .with("bytes_up", report.bytesUp())
        .with("examples", report.examples())
        .with("seconds", seconds);
  }

  private Signal evaluated(S state, long round) {
    return Scope.tidy(
        () -> {
          Params model = algorithm.model(state);
          double norm = model.norm().item();
          if (!Double.isFinite(norm)) {
            throw new TrainingException(
                "after round "
                    + round
                    + " the model is no longer finite; lower the rates of clients or server");
          }
          Event event = new Event(round, "eval").with("model_norm", norm);
          for (Map.Entry<String, Double> number : evaluation.evaluate(model).entrySet()) {
            event = event.with(number.getKey(), number.getValue());
          }
          return observer.on(event);
        });
  }

  private @Nullable Snapshots snapshots() {
    Path to = folder;
    if (to == null) {
      return null;
    }
    ObjectNode made = JsonNodeFactory.instance.objectNode();
    made.set("simulation", Configs.toTree(config));
    identity.forEach(made::put);
    return new Snapshots(to, config.keepCheckpoints(), made, FREE);
  }

  private Path save(S state, long round, double clock, Memories memories, Snapshots snapshots) {
    SortedMap<Integer, float[]> all = memories.byClient();
    int each = all.values().stream().mapToInt(m -> m.length).findFirst().orElse(0);
    float[] values = new float[Math.multiplyExact(each, all.size())];
    long[] clients = new long[all.size()];
    int at = 0;
    for (Map.Entry<Integer, float[]> m : all.entrySet()) {
      System.arraycopy(m.getValue(), 0, values, at * each, each);
      clients[at++] = m.getKey();
    }
    try (Tensor ids = Tensor.of(clients, clients.length);
        Tensor rows = Tensor.of(values, clients.length, each)) {
      return snapshots.save(round, new Saved<>(state, ids, rows), new Facts(each, clock));
    } catch (IOException e) {
      throw new TrainingException("the simulation stops: " + e.getMessage(), e);
    }
  }

  private S restored(Snapshot snapshot, S like, Memories memories) {
    long done = snapshot.step();
    if (done > config.rounds()) {
      throw new TrainingException(
          "%s is at round %d, past the %d rounds asked for; ask for more, or give another folder"
              .formatted(snapshot.file(), done, config.rounds()));
    }
    long m = snapshot.length("clients");
    int each = Math.toIntExact(snapshot.facts(Facts.class).memory());
    Saved<S> saved =
        snapshot.tree(
            new Saved<>(like, Tensor.zeros(DType.INT64, m), Tensor.zeros(DType.FLOAT32, m, each)));
    long[] clients = saved.clients().toLongs();
    float[] values = saved.memories().toFloats();
    for (int i = 0; i < clients.length; i++) {
      memories.put(
          Math.toIntExact(clients[i]), Arrays.copyOfRange(values, i * each, (i + 1) * each));
    }
    return saved.state();
  }

  private TrainingException interrupted(
      S state, long round, double clock, Memories memories, @Nullable Snapshots snapshots) {
    try {
      String kept =
          snapshots == null
              ? "it kept no checkpoints, so its work is lost"
              : "its state is in "
                  + save(state, round, clock, memories, snapshots)
                  + "; run it again to go on";
      return new TrainingInterruptedException(
          "the simulation was interrupted after round " + round + "; " + kept);
    } finally {
      Thread.currentThread().interrupt();
    }
  }
}
