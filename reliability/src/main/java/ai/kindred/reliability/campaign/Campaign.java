package ai.kindred.reliability.campaign;

import ai.kindred.core.workers.Workers;
import ai.kindred.reliability.fault.FaultList;
import ai.kindred.reliability.fault.FaultModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Networks by strategies by error rates by seeds. Each trial encodes nothing anew, hits the bits
 * that its key draws, lets the code repair once, and measures the network with what is read then;
 * one in which every weight is read rightly is not measured again. The trials of one network and
 * strategy run at once; results depend on keys alone.
 *
 * @param subjects networks, names differing
 * @param strategies at least one
 * @param rates flipped bits over all bits, above 0 up to 0.5
 * @param seeds how many fault seeds, from 0
 * @param exact whether {@code floor(rate bits)} bits flip, as in the authors' code, or each bit by
 *     itself; for networks of less than 125,000 bytes the former never flips one at 1e-6
 */
public record Campaign(
    List<Subject> subjects,
    List<Strategy> strategies,
    List<Double> rates,
    int seeds,
    boolean exact) {

  /** Copies and checks. */
  public Campaign {
    subjects = List.copyOf(subjects);
    strategies = List.copyOf(strategies);
    rates = List.copyOf(rates);
    if (subjects.isEmpty() || strategies.isEmpty() || rates.isEmpty() || seeds < 1) {
      throw new IllegalArgumentException(
          "a campaign needs at least one network, strategy, rate and seed");
    }
    Set<Object> seen = new HashSet<>();
    for (double rate : rates) {
      if (!(rate > 0 && rate <= 0.5)) {
        throw new IllegalArgumentException(
            "a fault rate of " + rate + "; it is flipped bits over all bits, above 0 up to 0.5");
      }
      if (!seen.add(rate)) {
        throw new IllegalArgumentException("the rate " + rate + " is given twice");
      }
    }
    for (Subject subject : subjects) {
      if (!seen.add(subject.name())) {
        throw new IllegalArgumentException("two networks are called " + subject.name());
      }
    }
  }

  /**
   * The networks that a strategy is tried on: those trained for it, or the plain one; those to
   * compare with are kept without protection and never hit.
   */
  static List<Target> targets(Subject subject, Strategy strategy) {
    if (strategy.trained()) {
      return subject.trained();
    }
    return strategy.name().equals(Strategy.NONE) && !subject.pairs().isEmpty()
        ? subject.pairs()
        : List.of(subject.plain());
  }

  private List<Trial> trials(Subject subject, Strategy strategy, int training) {
    List<Trial> trials = new ArrayList<>();
    trials.add(new Trial(subject.name(), strategy.name(), training, 0, 0));
    if (training > 0 && !strategy.trained()) {
      return trials; // measured to be compared with, not to be hit
    }
    for (double rate : rates) {
      for (int seed = 0; seed < seeds; seed++) {
        trials.add(new Trial(subject.name(), strategy.name(), training, rate, seed));
      }
    }
    return trials;
  }

  /** Every trial, in the order of the results. */
  public List<Trial> plan() {
    List<Trial> plan = new ArrayList<>();
    for (Subject subject : subjects) {
      for (Strategy strategy : strategies) {
        for (int t = 0; t < targets(subject, strategy).size(); t++) {
          plan.addAll(trials(subject, strategy, t));
        }
      }
    }
    return plan;
  }

  /**
   * Runs the trials that the log does not have.
   *
   * @param done is told of each new result, from several threads at once
   * @throws IllegalArgumentException where a network's matrices cannot be kept as a strategy would
   * @throws UncheckedIOException where a result cannot be written
   */
  public Results run(Workers workers, TrialLog log, Consumer<TrialResult> done) {
    List<TrialResult> all = new ArrayList<>();
    for (Subject subject : subjects) {
      Map<Object, Double> cleans = new HashMap<>();
      for (Strategy strategy : strategies) {
        List<Target> targets = targets(subject, strategy);
        for (int t = 0; t < targets.size(); t++) {
          List<Trial> trials = trials(subject, strategy, t);
          if (trials.stream().allMatch(trial -> log.find(trial).isPresent())) {
            for (Trial trial : trials) {
              all.add(log.find(trial).orElseThrow());
            }
          } else {
            all.addAll(run(targets.get(t), strategy, trials, cleans, workers, log, done));
          }
        }
      }
    }
    return new Results(this, all);
  }

  private List<TrialResult> run(
      Target target,
      Strategy strategy,
      List<Trial> trials,
      Map<Object, Double> cleans,
      Workers workers,
      TrialLog log,
      Consumer<TrialResult> done) {
    EncodedNetwork memory = new EncodedNetwork(target, strategy);
    long bits = memory.bits().values().stream().mapToLong(b -> b).sum();
    Trial first = trials.get(0);
    double clean =
        log.find(first)
            .map(TrialResult::value)
            .orElseGet(
                () ->
                    cleans.computeIfAbsent(
                        // Strategies that keep the same weights start from the same measurement.
                        List.of(target, strategy.form()), key -> target.evaluate(memory)));
    return workers.map(
        trials,
        trial ->
            log.find(trial).orElseGet(() -> run(target, memory, trial, clean, bits, log, done)));
  }

  private TrialResult run(
      Target target,
      EncodedNetwork memory,
      Trial trial,
      double clean,
      long bits,
      TrialLog log,
      Consumer<TrialResult> done) {
    TrialResult result;
    if (trial.isClean()) {
      result = new TrialResult(trial, clean, bits, 0, 0, 0, 0, 0);
    } else {
      FaultModel model =
          exact ? new FaultModel.ExactCount(trial.rate()) : new FaultModel.Bernoulli(trial.rate());
      EncodedNetwork.Struck struck =
          memory.strike(FaultList.draw(model, memory.bits(), trial.key()));
      result =
          new TrialResult(
              trial,
              struck.changed() ? target.evaluate(struck.weights()) : clean,
              bits,
              struck.flipped(),
              struck.corrected(),
              struck.detected(),
              struck.silent(),
              struck.wrong());
    }
    try {
      log.add(result);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    done.accept(result);
    return result;
  }
}
