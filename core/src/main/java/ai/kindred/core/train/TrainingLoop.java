package ai.kindred.core.train;

import ai.kindred.core.config.Configs;
import ai.kindred.core.kernel.Held;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The loop of {@link Training}: take a step, tell, validate, save. */
final class TrainingLoop<B> {

  /** How long, and how often saved: a run may be resumed with other values of these. */
  private static final Set<String> FREE =
      Set.of("training.steps", "training.checkpoint_every", "training.keep_checkpoints");

  private final Training<B> training;
  private final TrainingConfig config;
  private final TrainingStep<B> step;
  private final @Nullable Snapshots checkpoints;

  TrainingLoop(Training<B> training, TrainingStep<B> step) {
    this.training = training;
    this.config = training.config();
    this.step = step;
    Path folder = training.folder();
    this.checkpoints = folder == null ? null : snapshots(folder, config, training.identity());
  }

  static Snapshots snapshots(Path folder, TrainingConfig config, Map<String, String> identity) {
    ObjectNode both = JsonNodeFactory.instance.objectNode();
    both.set("training", Configs.toTree(config));
    identity.forEach(both::put);
    return new Snapshots(folder, config.keepCheckpoints(), both, FREE);
  }

  Trained run(Params initial) {
    try (Scope scope = Scope.open();
        Held<Progress> held = Held.of(start(initial))) {
      Signal signal = steps(held);
      return scope.keep(scope.adopt(trained(held.get(), signal)));
    }
  }

  private Signal steps(Held<Progress> held) {
    Key key = Key.of(config.seed()).fold("training");
    Signal signal = Signal.CONTINUE;
    boolean saved = held.get().step() > 0;
    while (signal == Signal.CONTINUE && !done(held.get())) {
      long at = held.get().step();
      if (Thread.interrupted()) {
        throw interrupted(held.get());
      }
      long began = System.nanoTime();
      double rate = config.schedule().rate(at);
      Taken taken = Scope.tidy(() -> take(held.get().state(), at, rate, key.fold(at)));
      held.set(held.get().stepped(taken.result().state()));
      signal =
          training.observer().on(event(at + 1, taken, rate, (System.nanoTime() - began) / 1e9));
      boolean last = signal == Signal.STOP || at + 1 == config.steps();
      if (training.validation() != null && (last || due(at + 1, config.validateEvery()))) {
        double loss = validate(training.validation(), held.get());
        held.set(held.get().validated(loss));
        signal = signal.or(training.observer().on(new Event(at + 1, "eval").with("loss", loss)));
      }
      saved = due(at + 1, config.checkpointEvery());
      if (saved) {
        signal = signal.or(save(held.get()));
      }
    }
    if (!saved) {
      save(held.get());
    }
    return signal;
  }

  private Progress start(Params initial) {
    TrainingStep.State first = step.start(initial);
    Snapshot opened = checkpoints == null ? null : checkpoints.latest();
    if (opened == null) {
      // The holder frees what it replaces; the caller's tensors are not its own.
      Params own = initial.map(Tensor::copy);
      return new Progress(0, new TrainingStep.State(own, first.optimizer()), null, 0);
    }
    long done = opened.step();
    if (done > config.steps()) {
      throw new TrainingException(
          "%s is at step %d, past the %d steps asked for; ask for more, or give another folder"
              .formatted(opened.file(), done, config.steps()));
    }
    Progress resumed = Progress.of(opened, first);
    Tree.leaves(first.optimizer()).values().forEach(Tensor::close);
    return resumed;
  }

  private boolean done(Progress progress) {
    return progress.step() >= config.steps() || outOfPatience(progress);
  }

  private boolean outOfPatience(Progress progress) {
    return config.patience() > 0 && progress.sinceBest() >= config.patience();
  }

  private static boolean due(long step, long every) {
    return every > 0 && step % every == 0;
  }

  private record Taken(TrainingStep.Result result, long tokens, long examples) {}

  private Taken take(TrainingStep.State state, long at, double rate, Key key) {
    List<Batch<B>> data = training.batches().at(at);
    TrainingStep.Result result = step.run(state, data, rate, key);
    if (!result.isFinite()) {
      throw new TrainingException(
          ("step %d: the loss is %s and the gradient's norm %s at learning rate %s; the step was not"
                  + " applied. Lower the learning rate or lengthen the warm-up, clip gradients"
                  + " (clip_norm is %s), train in float32, or look for bad values in this step's"
                  + " data")
              .formatted(at + 1, result.loss(), result.gradientNorm(), rate, config.clipNorm()));
    }
    return new Taken(
        result,
        data.stream().mapToLong(Batch::tokens).sum(),
        data.stream().mapToLong(Batch::examples).sum());
  }

  private static Event event(long step, Taken taken, double rate, double seconds) {
    return new Event(step, "train")
        .with("loss", taken.result().loss())
        .with("grad_norm", taken.result().gradientNorm())
        .with("rate", rate)
        .with("tokens_per_second", taken.tokens() / seconds)
        .with("examples_per_second", taken.examples() / seconds);
  }

  private static double validate(ToDoubleFunction<Params> validation, Progress progress) {
    double loss = validation.applyAsDouble(progress.state().params());
    if (!Double.isFinite(loss)) {
      throw new TrainingException(
          "the validation after step "
              + progress.step()
              + " gave "
              + loss
              + "; look for bad values in the held-out data, or lower the learning rate");
    }
    return loss;
  }

  private Signal save(Progress progress) {
    if (checkpoints == null) {
      return Signal.CONTINUE;
    }
    try {
      Path file = progress.save(checkpoints);
      return training
          .observer()
          .on(new Event(progress.step(), "checkpoint").with("file", file.toString()));
    } catch (ClosedByInterruptException e) {
      throw interrupted(progress);
    } catch (IOException e) {
      if (e.getCause() instanceof ClosedByInterruptException) {
        throw interrupted(progress);
      }
      throw new TrainingException(
          "training stops after step " + progress.step() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Saves, with the thread's interrupt status cleared since it would end the writing, and says so.
   */
  private TrainingException interrupted(Progress progress) {
    boolean ignored = Thread.interrupted();
    try {
      String kept =
          checkpoints == null
              ? "it kept no checkpoints, so its work is lost"
              : "its state is in " + progress.save(checkpoints) + "; run it again to go on";
      return new TrainingInterruptedException(
          "training was interrupted after step " + progress.step() + "; " + kept);
    } catch (IOException e) {
      return new TrainingException(
          "training was interrupted after step " + progress.step() + ": " + e.getMessage(), e);
    } finally {
      Thread.currentThread().interrupt();
    }
  }

  private Trained trained(Progress progress, Signal signal) {
    Params params = progress.state().params();
    Progress.Best best = progress.best();
    Trained.End end =
        signal == Signal.STOP
            ? Trained.End.OBSERVER
            : outOfPatience(progress) ? Trained.End.PATIENCE : Trained.End.FINISHED;
    return best == null
        ? new Trained(params, params, Double.NaN, progress.step(), progress.step(), end)
        : new Trained(params, best.params(), best.loss(), best.step(), progress.step(), end);
  }
}
