package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.data.InstructionTask.Example;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.InstructionTask.Languages;
import java.util.List;
import org.junit.jupiter.api.Test;

class InstructionPromptTest {
  private static final Instance CHILE = new Instance("1", "Chile", List.of("Peso", "CLP"));
  private static final InstructionTask TASK =
      new InstructionTask(
          "task1",
          "Name the currency.",
          List.of(),
          Languages.ENGLISH,
          List.of(
              new Example(" Chile", "Peso", ""),
              new Example("Japan", "Yen", "it is"),
              new Example("India", "Rupee", "")),
          List.of(),
          List.of(CHILE));

  @Test
  void endsWhereTheAnswerBegins() {
    assertThat(InstructionPrompt.ZERO_SHOT.of(TASK, CHILE))
        .isEqualTo("Name the currency.\n\nInput: Chile\nOutput: ");
    assertThat(CHILE.target()).isEqualTo("Peso");
  }

  @Test
  void showsExamplesButNeverTheInstanceItself() {
    assertThat(new InstructionPrompt(1).of(TASK, CHILE))
        .isEqualTo("Name the currency.\n\nInput: Japan\nOutput: Yen\n\nInput: Chile\nOutput: ");
    assertThat(new InstructionPrompt(9).of(TASK, CHILE)).contains("Rupee").doesNotContain("Peso");
    assertThatThrownBy(() -> new InstructionPrompt(-1))
        .hasMessage("a prompt shows 0 or more examples, not -1");
  }

  @Test
  void theBaselineIsTheCommonestTarget() {
    List<Instance> train =
        List.of(
            new Instance("1", "a", List.of("no")),
            new Instance("2", "b", List.of("yes", "no")),
            new Instance("3", "c", List.of("yes")),
            new Instance("4", "d", List.of("no")));
    assertThat(CommonestAnswer.of(train)).isEqualTo(new CommonestAnswer("no", 2, 4));
    assertThat(CommonestAnswer.of(train.subList(1, 4)).answer()).isEqualTo("yes");
    assertThatThrownBy(() -> CommonestAnswer.of(List.of()))
        .hasMessage("the commonest answer needs at least one training instance");
  }
}
