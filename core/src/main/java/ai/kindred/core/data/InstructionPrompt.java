package ai.kindred.core.data;

import ai.kindred.core.data.InstructionTask.Example;
import ai.kindred.core.data.InstructionTask.Instance;

/**
 * How an instance is put to a model:
 *
 * <pre>{@code
 * DEFINITION
 *
 * Input: INPUT
 * Output:
 * }</pre>
 *
 * with one space at the end, after which the answer follows. Shown examples stand between
 * definition and input in the same form, answered, each followed by an empty line.
 *
 * @param examples how many of the task's positive examples to show, at most; one that has the
 *     instance's own input is never shown
 */
public record InstructionPrompt(int examples) {
  /** No example shown. */
  public static final InstructionPrompt ZERO_SHOT = new InstructionPrompt(0);

  /** Checks the number of examples. */
  public InstructionPrompt {
    if (examples < 0) {
      throw new IllegalArgumentException("a prompt shows 0 or more examples, not " + examples);
    }
  }

  /** The text before the answer. */
  public String of(InstructionTask task, Instance instance) {
    StringBuilder text = new StringBuilder(task.definition()).append("\n\n");
    int left = examples;
    for (Example example : task.positiveExamples()) {
      if (left > 0 && !InputText.same(example.input(), instance.input())) {
        question(text, example.input()).append(example.output()).append("\n\n");
        left--;
      }
    }
    return question(text, instance.input()).toString();
  }

  private static StringBuilder question(StringBuilder text, String input) {
    return text.append("Input: ").append(input).append("\nOutput: ");
  }
}
