package ai.kindred.examples.finetune;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.lm.Precision;
import ai.kindred.examples.multitask.Adaptation;
import ai.kindred.examples.multitask.TaskSuite;
import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.MoLoraConfig;
import ai.kindred.peft.MoLoraSharedDownConfig;
import ai.kindred.peft.Targets;
import java.util.List;
import java.util.Locale;

/**
 * Settings of a fine-tuning run; they go into its record.
 *
 * @param adapter which kind
 * @param rank of the down-projection
 * @param experts of a mixture; of MoDE, a slot
 * @param expertRank of MoDE; divides the rank
 * @param targets last names of the products to adapt; empty for all linear ones
 * @param steps optimiser steps
 * @param batchTokens tokens of a step's packed batch
 * @param learningRate peak rate
 * @param precision of the base weights and activations
 * @param trainPerTask instances of a task to train on at most
 * @param heldOutPerTask instances of a task to evaluate on
 * @param maxTasks tasks at most, in the order of their names; 0 for all
 * @param maxNewTokens longest answer
 * @param patience validations without a lower loss after which training ends; they are made on a
 *     tenth of the train instances, kept apart. 0: none is made, and all steps are taken
 * @param checkpointEvery steps from one checkpoint to the next
 * @param seed of splits, mixing, initial values
 */
public record FineTuneConfig(
    @Doc("lora, molora, molora_sd or mode") Kind adapter,
    @Doc("rank") @Range(min = 1, max = 1024) int rank,
    @Doc("experts (mixtures)") @Range(min = 1, max = 1024) int experts,
    @Doc("rank of an expert (mode)") @Range(min = 1, max = 1024) int expertRank,
    @Doc("products to adapt; none: all linear") List<String> targets,
    @Doc("optimiser steps") @Range(min = 1) long steps,
    @Doc("tokens a step") @Range(min = 16, max = 1 << 20) int batchTokens,
    @Doc("peak learning rate") @Range(above = 0, max = 1) double learningRate,
    @Doc("float32, bfloat16 or int8") Precision precision,
    @Doc("train instances a task") @Range(min = 1) int trainPerTask,
    @Doc("held-out instances a task") @Range(min = 1) int heldOutPerTask,
    @Doc("tasks at most; 0: all") @Range(min = 0) int maxTasks,
    @Doc("longest answer in tokens") @Range(min = 1, max = 4096) int maxNewTokens,
    @Doc("validations without a lower loss that end training; 0: never") @Range(min = 0)
        int patience,
    @Doc("steps between checkpoints") @Range(min = 1) long checkpointEvery,
    @Doc("seed") long seed) {

  /** Which adapter. */
  public enum Kind {
    /** Low-rank adaptation. */
    LORA,
    /** Whole LoRAs, mixed. */
    MOLORA,
    /** Up-projections mixed, one down-projection. */
    MOLORA_SD,
    /** Mixture of dyadic experts. */
    MODE;

    /** As options spell it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** Copies. */
  public FineTuneConfig {
    targets = List.copyOf(targets);
  }

  /** MoDE 4 x 4 on all linear products, for the bundled model and suite. */
  public static FineTuneConfig defaults() {
    return new FineTuneConfig(
        Kind.MODE,
        4,
        4,
        1,
        List.of(),
        600,
        2048,
        5e-3,
        Precision.BFLOAT16,
        400,
        80,
        0,
        24,
        0,
        100,
        0);
  }

  /** How training goes. */
  Adaptation adaptation() {
    return new Adaptation(steps, batchTokens, learningRate, patience, checkpointEvery, seed);
  }

  /** How much of a suite is used. */
  TaskSuite.Sizes sizes() {
    return new TaskSuite.Sizes(trainPerTask, heldOutPerTask, maxTasks);
  }

  /** The adapter that these settings ask for. */
  AdapterConfig adapterConfig() {
    Targets where =
        targets.isEmpty() ? Targets.allLinear() : Targets.of(targets.toArray(new String[0]));
    return switch (adapter) {
      case LORA -> LoraConfig.of(rank, 2.0 * rank, where);
      case MOLORA -> MoLoraConfig.of(experts, rank, where);
      case MOLORA_SD -> MoLoraSharedDownConfig.of(experts, rank, where);
      case MODE -> MixtureOfDyadicExpertsConfig.of(experts, rank, expertRank, where);
    };
  }
}
