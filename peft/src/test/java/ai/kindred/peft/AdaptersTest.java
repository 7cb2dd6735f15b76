package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdaptersTest {

  private final Scope scope = Scope.open();
  private final Toy toy = Toy.of(3);

  @AfterEach
  void close() {
    scope.close();
  }

  private List<String> adapted(Targets targets) {
    Toy made = Adapters.add(toy, LoraConfig.of(2, 2, targets), Key.of(1));
    return List.copyOf(Tree.parts(made, Adapter.class).keySet());
  }

  @Test
  void targetsAreChosenAsInPeft() {
    assertThat(adapted(Targets.allLinear()))
        .hasSize(6)
        .contains("layers.2.v_proj")
        .doesNotContain("lm_head");
    assertThat(adapted(Targets.of("q_proj", "lm_head")))
        .containsExactly("layers.0.q_proj", "layers.1.q_proj", "layers.2.q_proj", "lm_head");
    assertThat(adapted(Targets.of("1.q_proj"))).containsExactly("layers.1.q_proj");
    assertThat(adapted(Targets.matching("layers\\.[01]\\.v.*")))
        .containsExactly("layers.0.v_proj", "layers.1.v_proj");
    assertThat(adapted(Targets.allLinear().inLayers(2).without("v_proj")))
        .containsExactly("layers.2.q_proj");
  }

  @Test
  void aTargetThatMatchesNothingTellsWhatThereIs() {
    assertThatThrownBy(() -> adapted(Targets.of("q_proj", "proj")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no linear module is matched by proj; the model's linear modules are lm_head, q_proj,"
                + " v_proj (one is layers.0.q_proj)");
    assertThatThrownBy(() -> adapted(Targets.of("q_proj").inLayers(7)))
        .hasMessageContaining("matched by q_proj in layers [7]");
    assertThatThrownBy(() -> adapted(Targets.matching("(?=x)")))
        .hasMessageContaining("without look-around");
    assertThatThrownBy(() -> adapted(Targets.matching("((a{1000}){1000}){1000}")))
        .hasMessageContaining("too large");
  }

  @Test
  void adaptedTwiceIsRefused() {
    Toy once = Adapters.add(toy, LoraConfig.defaults(), Key.of(1));
    assertThatThrownBy(() -> Adapters.add(once, LoraConfig.defaults(), Key.of(1)))
        .hasMessageContaining("has adapters already (layers.0.q_proj and others)");
  }

  @Test
  void firstValuesFollowFromKeyAndPath() {
    LoraConfig config = LoraConfig.of(2, 4, Targets.of("q_proj"));
    Params one = Tree.params(Adapters.add(toy, config, Key.of(1)), Adapter.class);
    Params same = Tree.params(Adapters.add(toy, config, Key.of(1)), Adapter.class);
    Params other = Tree.params(Adapters.add(toy, config, Key.of(2)), Adapter.class);
    float[] a0 = one.get("layers.0.q_proj.lora_a").toFloats();
    assertThat(same.get("layers.0.q_proj.lora_a").toFloats()).isEqualTo(a0);
    assertThat(other.get("layers.0.q_proj.lora_a").toFloats()).isNotEqualTo(a0);
    assertThat(one.get("layers.1.q_proj.lora_a").toFloats()).isNotEqualTo(a0);
    assertThat(one.get("layers.0.q_proj.lora_b").toFloats()).containsOnly(0f);
    assertThat(one.get("layers.0.q_proj.lora_a").dtype()).isEqualTo(DType.FLOAT32);
  }

  @Test
  void kaimingUniformIsPyTorchsForLinearLayers() {
    // nn.Linear's own start: uniform in 1 / sqrt(in), so of standard deviation 1 / sqrt(3 in).
    Tensor drawn = Init.of(Key.of(3)).kaimingUniform("a", 100, 64);
    assertThat(drawn.abs().amax().item()).isBetween(0.12, 0.125);
    assertThat(drawn.pow(2).mean().sqrt().item()).isCloseTo(1 / Math.sqrt(3 * 64), within(0.002));
    assertThat(drawn.mean().item()).isCloseTo(0, within(0.003));
  }

  @Test
  void patternsGiveOtherRanksAndScales() {
    LoraConfig config =
        new LoraConfig(
            4,
            8,
            false,
            0,
            Targets.allLinear(),
            Map.of("layers.1.q_proj", 2, "v_.*", 1),
            Map.of("q_proj", 6.0));
    Map<String, Lora> made = Tree.parts(Adapters.add(toy, config, Key.of(1)), Lora.class);
    assertThat(made.get("layers.1.q_proj"))
        .satisfies(
            l -> {
              assertThat(l.loraA().lengths()).containsExactly(2, 6);
              assertThat(l.scale()).isEqualTo(3);
            });
    assertThat(made.get("layers.0.q_proj")).satisfies(l -> assertThat(l.scale()).isEqualTo(1.5));
    assertThat(made.get("layers.0.v_proj"))
        .satisfies(
            l -> {
              assertThat(l.loraB().lengths()).containsExactly(3, 1);
              assertThat(l.scale()).isEqualTo(8);
            });
    assertThat(new LoraConfig(4, 8, true, 0, Targets.allLinear(), Map.of(), Map.of()))
        .satisfies(
            c -> assertThat(c.adapt("", toy.lmHead(), Init.of(Key.of(1))).scale()).isEqualTo(4));
  }
}
