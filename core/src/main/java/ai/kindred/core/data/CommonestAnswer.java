package ai.kindred.core.data;

import ai.kindred.core.data.InstructionTask.Instance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The baseline that answers every instance of a task with the commonest training target. A model
 * that does not beat it has learnt the task's answers, not the task.
 *
 * @param answer the commonest target, the one seen first where several are equally common
 * @param count how often it occurred
 * @param total number of training instances
 */
public record CommonestAnswer(String answer, int count, int total) {

  /** The baseline from a task's training instances, at least one. */
  public static CommonestAnswer of(List<Instance> train) {
    if (train.isEmpty()) {
      throw new IllegalArgumentException(
          "the commonest answer needs at least one training instance");
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    train.forEach(instance -> counts.merge(instance.target(), 1, Integer::sum));
    String commonest = train.get(0).target();
    int most = 0;
    for (Map.Entry<String, Integer> entry : counts.entrySet()) {
      if (entry.getValue() > most) {
        commonest = entry.getKey();
        most = entry.getValue();
      }
    }
    return new CommonestAnswer(commonest, most, train.size());
  }
}
