package ai.kindred.examples.adapters;

import ai.kindred.peft.AdapterConfig;
import java.util.List;

/**
 * One training run of an experiment.
 *
 * @param group what is compared within, such as a budget
 * @param method what is compared, such as "MoDE 4x4"
 * @param part which of several adapters that count as one, such as a task's own; may be empty
 * @param adapter what is trained
 * @param seed of mixing and training
 * @param start what the adapter's first values are drawn from
 * @param steps optimiser steps
 * @param learningRate peak rate
 * @param tasks names of the tasks trained on
 * @param evaluated names of the tasks evaluated on
 */
record Trial(
    String group,
    String method,
    String part,
    AdapterConfig adapter,
    long seed,
    long start,
    long steps,
    double learningRate,
    List<String> tasks,
    List<String> evaluated) {

  Trial {
    tasks = List.copyOf(tasks);
    evaluated = List.copyOf(evaluated);
  }

  /** No two trials of a plan have the same. */
  String id() {
    return String.join("/", group, method, part, "seed " + seed);
  }
}
