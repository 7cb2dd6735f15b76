package ai.kindred.examples.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.ParameterCount;
import ai.kindred.peft.Targets;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {

  /** P = 300, Q = 100, LoRA of rank 10: 4,000. */
  private static final Budget BUDGET = new Budget(300, 100, 4000);

  @Test
  void shapesOfEqualParametersAreFoundByTrying() {
    assertThat(BUDGET.closest(Method.LORA)).isEqualTo(Shape.lora(10));
    for (Method method : List.of(Method.MOLORA, Method.MOLORA_SD, Method.MODE)) {
      Shape found = BUDGET.closest(method);
      long best = Long.MAX_VALUE;
      for (long m = 3; m <= 6; m++) {
        for (long r = 1; r <= 100; r++) {
          long count =
              switch (method) {
                case MOLORA -> m * r * 400L + m * 300L;
                case MOLORA_SD -> r * 300L + m * r * 100L + m * 300L;
                default -> r * 300L + m * r * 100L + r * m * 300L;
              };
          best = Math.min(best, Math.abs(count - 4000));
        }
      }
      assertThat(Math.abs(BUDGET.parameters(found) - 4000)).as(found.label()).isEqualTo(best);
      assertThat(found.m()).isBetween(3, 6);
      assertThat(BUDGET.mismatch(found))
          .isEqualTo(100.0 * (BUDGET.parameters(found) - 4000) / 4000);
    }
  }

  @Test
  void expertRanksAtEqualParametersBuyExperts() {
    // r = 4: 1200 + m (400 + 300 * 4 / p) is closest to 4,000.
    assertThat(BUDGET.closest(4, 4)).isEqualTo(new Shape(Method.MODE, 4, 4, 4));
    assertThat(BUDGET.closest(4, 2)).isEqualTo(new Shape(Method.MODE, 3, 4, 2));
    assertThat(BUDGET.closest(4, 1)).isEqualTo(new Shape(Method.MODE, 2, 4, 1));
  }

  @Test
  void whatIsCountedIsWhatAModelGets() throws IOException {
    try (Scope scope = Scope.open()) {
      LanguageModel model =
          scope.adopt(LanguageModel.load(KindredTiny.folder(), Precision.FLOAT32));
      for (Targets targets : List.of(Targets.allLinear(), Targets.of("q_proj", "down_proj"))) {
        Budget budget = Budget.ofLora(model, targets, 6);
        for (Method method : Method.values()) {
          Shape shape = budget.closest(method);
          LanguageModel adapted = Adapters.add(model, shape.config(targets), Key.of(1));
          assertThat(ParameterCount.of(adapted).added())
              .as(shape.label())
              .isEqualTo(budget.parameters(shape));
        }
        assertThat(budget.mismatch(budget.closest(Method.LORA))).isZero();
      }
    }
  }

  @Test
  void labels() {
    assertThat(Shape.lora(9).label()).isEqualTo("LoRA 9");
    assertThat(new Shape(Method.MOLORA_SD, 4, 6, 6).label()).isEqualTo("MoLORA-SD 4x6");
    assertThat(new Shape(Method.MODE, 4, 6, 1).label()).isEqualTo("MoDE 4x6");
    assertThat(new Shape(Method.MODE, 4, 6, 3).label()).isEqualTo("MoDE 4x6x3");
  }
}
