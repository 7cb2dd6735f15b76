package ai.kindred.examples.adapters;

import java.util.List;
import java.util.Map;

/**
 * What came out of a trial, or of a baseline: a line of {@code trials.jsonl}.
 *
 * @param parameters elements of the adapters; 0 for a baseline
 * @param percent of all parameters, adapters included
 * @param published percent as the MoDE paper counts
 * @param seconds that training and answering took; not part of any result
 * @param learningRate peak rate; 0 for a baseline
 * @param scores ROUGE-L points of 100 of each held-out instance, by task; empty where the
 *     experiment has nothing answered
 * @param losses nats a target token of each held-out instance, by task; empty for a baseline that
 *     is no model
 * @param routers what its routers do, where that is asked for
 */
record TrialResult(
    String group,
    String method,
    String part,
    long seed,
    long steps,
    double learningRate,
    List<String> tasks,
    long parameters,
    double percent,
    double published,
    double seconds,
    Map<String, double[]> scores,
    Map<String, double[]> losses,
    List<Routed> routers) {

  /** The group of results that nothing was trained for. */
  static final String BASELINE = "baseline";

  /** The model without adapters. */
  static final String BASE = "base model";

  /** Every instance answered by its task's commonest train answer. */
  static final String COMMONEST = "commonest answer";

  /**
   * One router on one task's held-out prompts.
   *
   * @param path of the adapter
   * @param weights mean weight of each expert, a list a slot
   * @param entropy mean over tokens and slots, in nats
   */
  record Routed(String path, String task, List<List<Double>> weights, double entropy) {}

  static String baselineId(String method) {
    return baseline(method, 0, Map.of(), Map.of()).id();
  }

  static TrialResult baseline(
      String method, double seconds, Map<String, double[]> scores, Map<String, double[]> losses) {
    return new TrialResult(
        BASELINE, method, "", 0, 0, 0, List.of(), 0, 0, 0, seconds, scores, losses, List.of());
  }

  /** As the trial's. */
  String id() {
    return String.join("/", group, method, part, "seed " + seed);
  }
}
