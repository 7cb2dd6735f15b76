package ai.kindred.examples.adapters;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.lm.Precision;
import ai.kindred.examples.multitask.Adaptation;
import ai.kindred.examples.multitask.TaskSuite;
import ai.kindred.peft.Targets;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of an experiment; they go into its record.
 *
 * @param experiment which one, with its own settings
 * @param budgets ranks of the LoRAs whose parameters each method may add
 * @param targets last names of the products to adapt; empty for all linear ones
 * @param steps optimiser steps of a trial
 * @param batchTokens tokens of a step
 * @param learningRate peak rate of every method that has none of its own
 * @param rates peak rates of single methods, by what {@link Method#option} calls them
 * @param precision of the base weights and activations
 * @param trainPerTask instances of a task to train on at most
 * @param heldOutPerTask instances of a task to evaluate on
 * @param only names of the tasks used; empty for all
 * @param maxTasks tasks at most, in the order of their names; 0 for all
 * @param leaveOut tasks that no trial trains on
 * @param maxNewTokens longest answer
 * @param checkpointEvery steps from one checkpoint to the next
 * @param splitSeed of a folder's splits and of the tasks left out, the same for all trainings
 * @param seeds one training of each method from each
 */
record ExperimentConfig(
    @Doc("which experiment") String experiment,
    @Doc("ranks of LoRAs whose parameters may be added") @Range(min = 1, max = 4096)
        List<Integer> budgets,
    @Doc("products to adapt; none: all linear") List<String> targets,
    @Doc("optimiser steps of a trial") @Range(min = 1) long steps,
    @Doc("tokens a step") @Range(min = 16, max = 1 << 20) int batchTokens,
    @Doc("peak learning rate") @Range(above = 0, max = 1) double learningRate,
    @Doc("peak learning rates of single methods") Map<String, Double> rates,
    @Doc("float32, bfloat16 or int8") Precision precision,
    @Doc("train instances a task") @Range(min = 1) int trainPerTask,
    @Doc("held-out instances a task") @Range(min = 1) int heldOutPerTask,
    @Doc("the tasks; none: all") List<String> only,
    @Doc("tasks at most; 0: all") @Range(min = 0) int maxTasks,
    @Doc("tasks left out of training") @Range(min = 0) int leaveOut,
    @Doc("longest answer in tokens") @Range(min = 1, max = 4096) int maxNewTokens,
    @Doc("steps between checkpoints") @Range(min = 1) long checkpointEvery,
    @Doc("seed of splits and of what is left out") long splitSeed,
    @Doc("seeds") List<Long> seeds) {

  /**
   * @throws IllegalArgumentException if a number is out of its range, a seed or budget comes twice,
   *     or there is none
   */
  ExperimentConfig {
    budgets = List.copyOf(budgets);
    targets = List.copyOf(targets);
    seeds = List.copyOf(seeds);
    only = List.copyOf(only);
    rates = Collections.unmodifiableMap(new TreeMap<>(rates));
    requireDistinct("seeds", seeds);
    requireDistinct("budgets", budgets);
    for (int rank : budgets) {
      require(rank >= 1 && rank <= 4096, "a budget is a rank of 1 to 4096, not " + rank);
    }
    require(steps >= 1, "--steps is " + steps + "; at least 1 is needed");
    require(batchTokens >= 16, "--batch-tokens is " + batchTokens + "; at least 16 are needed");
    requireRate("--learning-rate", learningRate);
    rates.forEach(
        (method, rate) -> {
          Method.of(method);
          requireRate("--rates", rate);
        });
    require(trainPerTask >= 1, "--train is " + trainPerTask + "; at least 1 is needed");
    require(heldOutPerTask >= 1, "--held-out is " + heldOutPerTask + "; at least 1 is needed");
    require(maxTasks >= 0, "--max-tasks is " + maxTasks + "; 0 means all");
    require(leaveOut >= 0, "--leave-out is " + leaveOut + "; 0 means none");
    require(maxNewTokens >= 1, "--max-new-tokens is " + maxNewTokens + "; at least 1 is needed");
    require(checkpointEvery >= 1, "--checkpoint-every is " + checkpointEvery);
  }

  private static void requireDistinct(String what, List<?> values) {
    require(!values.isEmpty(), "at least one of the " + what + " is needed");
    require(new HashSet<>(values).size() == values.size(), what + " come twice: " + values);
  }

  /**
   * Refuses what is no learning rate.
   *
   * @throws IllegalArgumentException if it is not above 0, up to 1
   */
  static void requireRate(String option, double rate) {
    require(rate > 0 && rate <= 1, option + " is " + rate + "; it lies above 0, up to 1");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Which products are adapted. */
  Targets where() {
    return targets.isEmpty() ? Targets.allLinear() : Targets.of(targets.toArray(new String[0]));
  }

  /** A method's peak learning rate. */
  double rate(Method method) {
    return rates.getOrDefault(method.option(), learningRate);
  }

  /** How a trial is trained. */
  Adaptation adaptation(Trial trial) {
    return new Adaptation(
        trial.steps(), batchTokens, trial.learningRate(), 0, checkpointEvery, trial.seed());
  }

  /** How much of a suite is used. */
  TaskSuite.Sizes sizes() {
    return new TaskSuite.Sizes(trainPerTask, heldOutPerTask, maxTasks);
  }
}
