package ai.kindred.examples.federated;

import ai.kindred.core.data.KeyedPermutation;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.report.Progress;
import ai.kindred.core.report.ProgressObserver;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.ClientData;
import ai.kindred.federated.Collecting;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.LocalTraining;
import ai.kindred.federated.Minibatch;
import ai.kindred.federated.Partition;
import ai.kindred.federated.Sampling;
import ai.kindred.federated.Simulation;
import ai.kindred.federated.SimulationConfig;
import ai.kindred.federated.algorithm.FedAvg;
import ai.kindred.federated.data.PartitionSummary;
import ai.kindred.federated.data.Partitions;
import ai.kindred.federated.data.ThreeWaySplit;
import ai.kindred.federated.privacy.PrivacyLedger;
import ai.kindred.federated.privacy.PrivacyLossAccountant;
import ai.kindred.federated.privacy.RenyiAccountant;
import ai.kindred.federated.server.ServerOptimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains across clients, and beside that on their pooled examples, and measures both on what the
 * clients held out.
 *
 * @param config settings
 * @param data the data set's folder
 * @param out folder of the run: record, checkpoints, report; the pooled run in {@code centralised}
 * @param threads clients at work at once; changes nothing but the time
 * @param command as it was typed, for the record
 */
record Federation(FederateConfig config, Path data, Path out, int threads, String command) {

  /** Examples that the evaluations on the way look at, at most about. */
  private static final int EVALUATED = 3000;

  /**
   * What came out.
   *
   * @param clients of the whole data
   * @param heldOut accuracy on held-out examples of clients that train
   * @param unparticipating on clients that never train, or null
   * @param centralised of the model trained on pooled examples, on the held-out ones, or null
   * @param epsilon that can be vouched for, or null without noise
   */
  record Outcome(
      PartitionSummary clients,
      ClientAccuracy heldOut,
      @Nullable ClientAccuracy unparticipating,
      @Nullable ClientAccuracy centralised,
      @Nullable Double epsilon) {}

  /**
   * Runs the job, or goes on with an interrupted one.
   *
   * @param notes is told what the clients are like, before training begins
   */
  @SuppressWarnings("try") // the scope works by being open
  Outcome run(boolean resume, Consumer<String> notes) throws IOException {
    config.check();
    try (Scope scope = Scope.open();
        ThreadWorkers workers = new ThreadWorkers(threads)) {
      return new Work<>(Problem.of(config, data)).run(resume, notes, workers);
    }
  }

  private static Path checkpoints(Path folder) {
    return folder.resolve("checkpoints");
  }

  private RunDirectory record(Path folder, boolean resume) throws IOException {
    return resume && Files.exists(folder.resolve("run.json"))
        ? RunDirectory.resume(folder, Training.savedSteps(checkpoints(folder)))
        : RunDirectory.create(
            folder, new RunDirectory.Setup(command, config.seed(), config, List.of(data)));
  }

  /** The job for one kind of examples. */
  private final class Work<E> {

    private final Problem<E> problem;
    private final Partition all;
    private final ThreeWaySplit split;
    private final Partition watched;
    private final LocalSgd<Minibatch<E>> local;

    Work(Problem<E> problem) {
      this.problem = problem;
      this.all = config.partition(problem.data(), problem.rows());
      this.split =
          ThreeWaySplit.of(
              all,
              new ThreeWaySplit.Shares(config.unparticipating(), 4, 1, true, 0),
              config.key().fold("split"));
      this.watched = watched(split.heldOut());
      this.local = new LocalSgd<>(problem.objective(), config.rate());
    }

    /** Clients drawn once, until their examples together are enough. */
    private Partition watched(Partition heldOut) {
      KeyedPermutation order =
          new KeyedPermutation(heldOut.clients(), config.key().fold("watched"));
      int[] drawn = new int[heldOut.clients()];
      long sum = 0;
      int clients = 0;
      while (clients < drawn.length && sum < EVALUATED) {
        drawn[clients] = (int) order.at(clients);
        sum += heldOut.size(drawn[clients++]);
      }
      return Partitions.only(heldOut, Arrays.copyOf(drawn, clients));
    }

    Outcome run(boolean resume, Consumer<String> notes, ThreadWorkers workers) throws IOException {
      PartitionSummary summary =
          problem.data().labels().length == 0
              ? PartitionSummary.of(all)
              : PartitionSummary.of(all, problem.data().labels());
      notes.accept(summary.text());
      try (RunDirectory run = record(out, resume)) {
        int training = split.training().clients();
        Params model =
            trained(
                config.algorithm(local),
                new ClientData<>(problem.data().examples(), split.training()),
                config.sampling(training),
                config.training(),
                "federated",
                out,
                run,
                workers);
        ClientAccuracy heldOut = ClientAccuracy.of(problem.scores(), model, split.heldOut());
        ClientAccuracy never =
            split.unparticipating().clients() == 0
                ? null
                : ClientAccuracy.of(problem.scores(), model, split.unparticipating());
        ClientAccuracy pooled = config.centralised() ? pooled(resume, workers, run) : null;
        Outcome outcome = new Outcome(summary, heldOut, never, pooled, epsilon());
        run.results(FederateReport.results(Federation.this, outcome));
        run.finish(RunStatus.DONE);
        return outcome;
      }
    }

    /** As many steps of as many examples as all clients of a round take together. */
    private ClientAccuracy pooled(boolean resume, ThreadWorkers workers, RunDirectory main)
        throws IOException {
      Path folder = out.resolve("centralised");
      try (RunDirectory run = record(folder, resume)) {
        Params model =
            trained(
                new FedAvg<>(
                    new LocalSgd<>(problem.objective(), config.centralisedRate()),
                    ServerOptimizer.sgd(1)),
                new ClientData<>(problem.data().examples(), Partitions.pooled(split.training())),
                Sampling.uniform(1),
                LocalTraining.steps(stepsARound(), config.batch()),
                "centralised",
                folder,
                run,
                workers);
        run.finish(RunStatus.DONE);
        return ClientAccuracy.of(problem.scores(), model, split.heldOut());
      } catch (TrainingInterruptedException e) {
        main.finish(RunStatus.STOPPED);
        throw e;
      }
    }

    private int stepsARound() {
      Partition training = split.training();
      long steps = 0;
      for (int c = 0; c < training.clients(); c++) {
        steps += (training.size(c) + config.batch() - 1) / config.batch();
      }
      double each = (double) steps / training.clients() * config.epochs();
      return (int) Math.max(1, Math.round(each * Math.min(config.cohort(), training.clients())));
    }

    private @Nullable Double epsilon() {
      return config.noise() == 0
          ? null
          : new PrivacyLossAccountant()
              .epsilon(
                  PrivacyLedger.of(config.mechanism(split.training().clients()), config.rounds()),
                  config.delta());
    }

    private <S> Params trained(
        Algorithm<Minibatch<E>, S> algorithm,
        ClientData<E> clients,
        Sampling sampling,
        LocalTraining training,
        String name,
        Path folder,
        RunDirectory run,
        ThreadWorkers workers)
        throws IOException {
      boolean federated = name.equals("federated");
      SimulationConfig plan = SimulationConfig.of(config.rounds(), config.seed(), training);
      long done = Training.savedSteps(checkpoints(folder));
      if (done == 0) {
        run.on(evaluated(new Event(0, "eval"), problem.start()));
      }
      try (Progress progress =
          Progress.start(name, "rounds", Math.min(done, config.rounds()), config.rounds())) {
        Observer shown = new ProgressObserver(progress, "round", List.of("loss", "epsilon"));
        Observer both = Observer.all(List.of(run, shown));
        return Simulation.of(algorithm, clients, sampling, plan)
            .collecting(
                federated ? config.collecting(clients.partition().clients()) : Collecting.MEAN)
            .evaluatedBy(model -> ClientAccuracy.of(problem.scores(), model, watched).numbers())
            .observedBy(federated && config.noise() > 0 ? accounted(both) : both)
            .savedTo(checkpoints(folder), Map.of("settings", config.withRounds(1).toString()))
            .run(problem.start(), workers);
      } catch (TrainingInterruptedException e) {
        run.finish(RunStatus.STOPPED);
        throw e;
      }
    }

    private Event evaluated(Event event, Params model) {
      Event with = event;
      for (Map.Entry<String, Double> number :
          ClientAccuracy.of(problem.scores(), model, watched).numbers().entrySet()) {
        with = with.with(number.getKey(), number.getValue());
      }
      return with;
    }

    /** Tells epsilon with every round. */
    private Observer accounted(Observer observer) {
      RenyiAccountant accountant = new RenyiAccountant();
      int training = split.training().clients();
      return event ->
          observer.on(
              event.kind().equals("round")
                  ? event.with(
                      "epsilon",
                      accountant.epsilon(
                          PrivacyLedger.of(config.mechanism(training), event.step()),
                          config.delta()))
                  : event);
    }
  }
}
