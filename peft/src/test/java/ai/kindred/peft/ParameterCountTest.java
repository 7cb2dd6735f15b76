package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterCountTest {

  private static final long LAYERS = 18;
  private static final long NON_EMBEDDING = 1_981_884_416L;

  /** Widths of Gemma 2B's q (8 heads, each its own product), k, v and o. */
  private static final long[][] PRODUCTS = {
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 256},
    {2048, 2048}
  };

  private interface Formula {
    long count(long in, long out);
  }

  private static double published(Formula formula) {
    long added = 0;
    for (long[] product : PRODUCTS) {
      added += LAYERS * formula.count(product[0], product[1]);
    }
    return new ParameterCount(added, NON_EMBEDDING + 524_288_000L, 524_288_000L).publishedPercent();
  }

  @Test
  void tableTwosBaselines() {
    assertThat(published((in, out) -> ParameterCount.lora(64, in, out)))
        .isEqualTo(6.31, within(.01));
    assertThat(published((in, out) -> ParameterCount.moLora(16, 4, in, out)))
        .isEqualTo(7.62, within(.01));
    assertThat(published((in, out) -> ParameterCount.moLoraSd(16, 4, in, out)))
        .isEqualTo(2.71, within(.01));
  }

  /** Tables 2 and 4: experts, rank, expert rank, percent. */
  @ParameterizedTest
  @CsvSource({
    "16,4,1,6.64", "8,4,1,3.48", "6,4,1,2.69", "4,4,1,1.90", "4,6,1,2.86", "4,8,1,3.81",
    "4,16,1,7.62", "4,16,16,2.71", "4,16,8,3.04", "4,16,4,3.69", "4,16,2,5.00", "16,4,4,2.71",
    "16,4,2,4.02"
  })
  void tablesTwoAndFour(long m, long r, long p, double percent) {
    assertThat(published((in, out) -> ParameterCount.mode(m, r, p, in, out)))
        .isEqualTo(percent, within(.01));
  }

  /** Table 5 compares mixtures of about the same size. */
  @ParameterizedTest
  @CsvSource({
    "42,4,4",
    "27,4,2",
    "16,4,1",
    "27,8,8",
    "20,8,4",
    "12,8,2",
    "7,8,1",
    "15,16,16",
    "12,16,8",
    "8,16,4",
    "5,16,2",
    "3,16,1"
  })
  void tableFiveIsAboutSixPercent(long m, long r, long p) {
    assertThat(published((in, out) -> ParameterCount.mode(m, r, p, in, out))).isBetween(5.9, 6.65);
  }

  private record Toy(Table table, Linear qProj, Linear oProj) {}

  @Test
  void countsOfAModelAreThoseOfItsTensors() {
    try (Scope scope = Scope.open()) {
      Toy toy =
          new Toy(
              new Table(Small.random("t", 10, 6)),
              new Dense(Small.random("q", 4, 6), Small.random("bias", 4)),
              new Dense(Small.random("o", 6, 4), null));
      Toy lora = Adapters.add(toy, LoraConfig.of(3, 3, Targets.allLinear()), Key.of(1));
      ParameterCount count = ParameterCount.of(lora);
      assertThat(count).isEqualTo(new ParameterCount(3 * 10 + 3 * 10, 60 + 24 + 4 + 24, 60));
      assertThat(count.percent()).isEqualTo(100.0 * 60 / 172, within(1e-12));
      Toy mode =
          Adapters.add(
              toy, MixtureOfDyadicExpertsConfig.of(5, 4, 2, Targets.of("q_proj")), Key.of(1));
      assertThat(ParameterCount.of(mode).added()).isEqualTo(ParameterCount.mode(5, 4, 2, 6, 4));
      assertThat(scope.size()).isPositive();
      assertThat(Tensor.of(new float[] {1}).item()).isEqualTo(1);
    }
  }
}
