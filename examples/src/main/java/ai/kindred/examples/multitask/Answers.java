package ai.kindred.examples.multitask;

import ai.kindred.core.data.InstructionPrompt;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.core.metrics.Rouge;
import ai.kindred.core.report.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model answers on held-out instances, and how well: ROUGE-L with stemming against the best
 * of an instance's outputs, in points of 100, as Super-NaturalInstructions scores.
 *
 * @param texts answers by task, in the order of instances
 * @param scores points by task
 */
public record Answers(Map<String, List<String>> texts, Map<String, double[]> scores) {

  private static final Rouge ROUGE = new Rouge(true);

  /** Sequences that are written side by side. */
  private static final int BATCH = 32;

  /**
   * Greedy answers of a model to a suite's held-out instances.
   *
   * @param maxNewTokens longest answer
   * @param when a word for the progress display
   */
  public static Answers of(LanguageModel model, TaskSuite suite, int maxNewTokens, String when)
      throws InterruptedException {
    Tokenizer tokenizer = model.requireTokenizer();
    Map<String, List<String>> texts = new LinkedHashMap<>();
    Map<String, double[]> scores = new LinkedHashMap<>();
    long answered = 0;
    try (Generator generator = new Generator(model);
        Progress progress = Progress.start("answers " + when, "answers", 0, suite.heldOut())) {
      for (InstructionTask task : suite.tasks()) {
        List<Instance> instances = suite.heldOut(task);
        List<String> answers = new ArrayList<>();
        for (int from = 0; from < instances.size(); from += BATCH) {
          if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while answering " + task.name());
          }
          List<Instance> batch = instances.subList(from, Math.min(from + BATCH, instances.size()));
          List<int[]> prompts =
              batch.stream()
                  .map(
                      i -> prompt(tokenizer, task, i, model.config().maxPositions() - maxNewTokens))
                  .toList();
          for (Generated g : generator.generate(prompts, Generation.greedy(maxNewTokens))) {
            answers.add(tokenizer.decode(g.ids(), true).strip());
          }
          answered += batch.size();
          progress.step(answered, task.name());
        }
        texts.put(task.name(), answers);
        scores.put(task.name(), score(instances, answers));
      }
    }
    return new Answers(texts, scores);
  }

  /** The same answer to everything, for comparison. */
  public static double[] constant(List<Instance> instances, String answer) {
    return score(instances, instances.stream().map(i -> answer).toList());
  }

  private static double[] score(List<Instance> instances, List<String> answers) {
    double[] points = new double[answers.size()];
    for (int i = 0; i < points.length; i++) {
      points[i] = 100 * ROUGE.rougeL(instances.get(i).outputs(), answers.get(i)).f();
    }
    return points;
  }

  /** Token ids of an instance's prompt; a prompt too long for the context loses its beginning. */
  public static int[] prompt(
      Tokenizer tokenizer, InstructionTask task, Instance instance, int longest) {
    int[] ids = tokenizer.encode(InstructionPrompt.ZERO_SHOT.of(task, instance), true);
    return ids.length <= longest ? ids : Arrays.copyOfRange(ids, ids.length - longest, ids.length);
  }
}
