package ai.kindred.core.data;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One task told by an instruction, in the terms of Super-NaturalInstructions: Y. Wang et al.,
 * "Super-NaturalInstructions: generalization via declarative instructions on 1600+ NLP tasks",
 * EMNLP 2022.
 *
 * @param name the file's name without {@code .json}, for instance {@code task1146_country_capital}
 * @param definition the instruction, exactly as written, not blank
 * @param categories kinds of task, for instance {@code Question Answering}
 * @param languages of inputs, outputs and the definition
 * @param positiveExamples good answers to show in a prompt
 * @param negativeExamples bad answers, with reasons
 * @param instances the data, ids all different
 */
public record InstructionTask(
    String name,
    String definition,
    List<String> categories,
    Languages languages,
    List<Example> positiveExamples,
    List<Example> negativeExamples,
    List<Instance> instances) {

  /**
   * One input with its accepted outputs.
   *
   * @param outputs at least one; the first is the one to learn, any of them counts when scoring
   */
  public record Instance(String id, String input, List<String> outputs) {

    /** Checks that there is an output. */
    public Instance {
      outputs = List.copyOf(outputs);
      if (outputs.isEmpty()) {
        throw new IllegalArgumentException("instance " + id + " has no output, needs one or more");
      }
    }

    /** The output that a model is trained to give. */
    public String target() {
      return outputs.get(0);
    }
  }

  /** A shown example with the reason why its output is good or bad (may be empty). */
  public record Example(String input, String output, String explanation) {}

  /** Languages by English name, as the task files give them. */
  public record Languages(List<String> input, List<String> output, List<String> instruction) {
    /** English throughout. */
    public static final Languages ENGLISH =
        new Languages(List.of("English"), List.of("English"), List.of("English"));

    /** Copies the lists. */
    public Languages {
      input = List.copyOf(input);
      output = List.copyOf(output);
      instruction = List.copyOf(instruction);
    }

    /** Whether nothing but English occurs. */
    public boolean english() {
      return equals(ENGLISH);
    }
  }

  /** Checks name and definition, and that no two instances share an id. */
  public InstructionTask {
    categories = List.copyOf(categories);
    positiveExamples = List.copyOf(positiveExamples);
    negativeExamples = List.copyOf(negativeExamples);
    instances = List.copyOf(instances);
    if (name.isBlank() || definition.isBlank()) {
      throw new IllegalArgumentException(
          "a task needs a name and a definition: name \""
              + name
              + "\", definition \""
              + definition
              + "\"");
    }
    Set<String> ids = new HashSet<>();
    for (Instance instance : instances) {
      if (!ids.add(instance.id())) {
        throw new IllegalArgumentException(
            "task " + name + ": two instances have the id " + instance.id());
      }
    }
  }

  /** An English task without shown examples. */
  public static InstructionTask of(
      String name, String definition, List<String> categories, List<Instance> instances) {
    return new InstructionTask(
        name, definition, categories, Languages.ENGLISH, List.of(), List.of(), instances);
  }
}
