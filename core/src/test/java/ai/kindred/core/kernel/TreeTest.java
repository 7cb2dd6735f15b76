package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TreeTest {

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private sealed interface Map1 permits Dense, LowRank {}

  private record Dense(Tensor weight, @Nullable Tensor bias) implements Map1 {}

  private record LowRank(Map1 base, Tensor a, Tensor b, double scale) implements Map1 {}

  private record Layer(Map1 qProj, Map1 downProj) {}

  private record Model(Tensor embedTokens, List<Layer> layers, String name) {}

  private static Tensor t(double x) {
    return Tensor.of(new double[] {x});
  }

  private static Dense dense(double x) {
    return new Dense(t(x), null);
  }

  private static Model model() {
    return new Model(
        t(0),
        List.of(
            new Layer(dense(1), new Dense(t(2), t(3))),
            new Layer(new LowRank(dense(4), t(5), t(6), 2), dense(7))),
        "small");
  }

  @Test
  void pathsAreThoseOfTheFilesOfTheField() {
    assertThat(Tree.leaves(model()).keySet())
        .containsExactly(
            "embed_tokens",
            "layers.0.q_proj.weight",
            "layers.0.down_proj.weight",
            "layers.0.down_proj.bias",
            "layers.1.q_proj.weight",
            "layers.1.q_proj.a",
            "layers.1.q_proj.b",
            "layers.1.down_proj.weight");
  }

  @Test
  void namesBecomeSnakeCase() {
    assertThat(Tree.snake("inputLayernorm")).isEqualTo("input_layernorm");
    assertThat(Tree.snake("w")).isEqualTo("w");
    assertThat(Tree.snake("lnF2")).isEqualTo("ln_f2");
  }

  @Test
  void mappingKeepsConfigurationAndSharesWhatDoesNotChange() {
    Model m = model();
    assertThat(Tree.map(m, x -> x)).isSameAs(m);
    Model doubled = Tree.map(m, x -> x.mul(2));
    assertThat(doubled.name()).isEqualTo("small");
    assertThat(((LowRank) doubled.layers().get(1).qProj()).scale()).isEqualTo(2);
    assertThat(((Dense) doubled.layers().get(0).downProj()).weight().item()).isEqualTo(4);
    Model one = Tree.mapPaths(m, (path, x) -> path.equals("layers.1.down_proj.weight") ? t(9) : x);
    assertThat(one.layers().get(0)).isSameAs(m.layers().get(0));
    assertThat(one.layers().get(1)).isNotSameAs(m.layers().get(1));
  }

  @Test
  void partsAreRewrittenChildrenFirst() {
    List<String> seen = new ArrayList<>();
    Model m =
        Tree.rewrite(
            model(),
            Map1.class,
            (path, part) -> {
              seen.add(path + " " + part.getClass().getSimpleName());
              return path.endsWith("q_proj") && part instanceof Dense
                  ? new LowRank(part, t(1), t(1), 1)
                  : part;
            });
    assertThat(seen)
        .containsExactly(
            "layers.0.q_proj Dense",
            "layers.0.down_proj Dense",
            "layers.1.q_proj Dense",
            "layers.1.q_proj LowRank",
            "layers.1.down_proj Dense");
    assertThat(m.layers().get(0).qProj()).isInstanceOf(LowRank.class);
    assertThat(Tree.leaves(m.layers().get(0)).keySet())
        .contains("q_proj.weight", "q_proj.a", "q_proj.b");
  }

  @Test
  void aReplacementMustFitItsPlace() {
    Dense d = dense(1);
    record Only(Dense dense) {}
    assertThatThrownBy(
            () ->
                Tree.rewrite(
                    new Only(d), Map1.class, (path, part) -> new LowRank(part, t(1), t(1), 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("component dense of Only is a Dense and cannot become a LowRank");
  }

  @Test
  void partsOfATypeAreFoundByPath() {
    assertThat(Tree.parts(model(), LowRank.class).keySet()).containsExactly("layers.1.q_proj");
    assertThat(Tree.parts(model(), Map1.class).get("layers.1.q_proj")).isInstanceOf(LowRank.class);
  }

  @Test
  void whatATypeAddsLeavesItsBaseOut() {
    assertThat(Tree.params(model(), LowRank.class).asMap().keySet())
        .containsExactly("layers.1.q_proj.a", "layers.1.q_proj.b");
    assertThat(Tree.params(model(), (String path) -> path.endsWith("bias")).asMap().keySet())
        .containsExactly("layers.0.down_proj.bias");
    assertThat(Tree.params(model()).elements()).isEqualTo(8);
  }

  @Test
  void twoLeavesOfOneNameAreRefused() {
    Object twice = new LowRank(new LowRank(dense(1), t(2), t(3), 1), t(4), t(5), 1);
    assertThatThrownBy(() -> Tree.leaves(twice))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two leaves are called a");
    assertThatThrownBy(() -> Tree.params(twice, LowRank.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("two leaves are called a");
  }

  @Test
  void namedLeavesAreReplaced() {
    Model m = Tree.with(model(), new Params(Map.of("layers.0.down_proj.bias", t(8))));
    assertThat(Tree.leaves(m).get("layers.0.down_proj.bias"))
        .satisfies(x -> assertThat(x.item()).isEqualTo(8));
    assertThatThrownBy(() -> Tree.with(model(), new Params(Map.of("layers.7.a", t(8)))))
        .hasMessage("no leaf is called layers.7.a in a Model");
  }

  private record Mixed(@Nullable Tensor first, Map<String, Tensor> map, Params params) {}

  @Test
  void nullsMapsAndParamsAreTrees() {
    Mixed m =
        new Mixed(
            null,
            Collections.singletonMap("k", t(1)),
            new Params(new LinkedHashMap<>(Map.of("x.y", t(2)))));
    assertThat(Tree.leaves(m).keySet()).containsExactly("map.k", "params.x.y");
    Mixed n = Tree.map(m, x -> x.add(1));
    assertThat(n.first()).isNull();
    assertThat(n.params().get("x.y").item()).isEqualTo(3);
    List<@Nullable Tensor> list = Arrays.asList(null, t(4));
    assertThat(Tree.leaves(list).keySet()).containsExactly("1");
    try (Kernel<Mixed, Tensor> k =
        Kernel.of(x -> x.params().get("x.y").add(x.map().values().iterator().next()))) {
      assertThat(k.call(m).item()).isEqualTo(3);
    }
    assertThat(Tree.params(new Holder(m.params()), Holder.class).asMap().keySet())
        .containsExactly("params.x.y");
  }

  private record Holder(Params params) {}

  @Test
  void mapsWithoutAnOrderAreOrderedByKey() {
    Map<String, Tensor> map = Map.of("d", t(1), "a", t(2), "c", t(3), "b", t(4));
    assertThat(Tree.leaves(map).keySet()).containsExactly("a", "b", "c", "d");
    Map<String, Tensor> own = new LinkedHashMap<>();
    own.put("z", t(1));
    own.put("a", t(2));
    assertThat(Tree.leaves(own).keySet()).containsExactly("z", "a");
    assertThat(new Params(map).asMap().keySet()).containsExactly("a", "b", "c", "d");
  }

  @Test
  void kernelsTellConfigurationsApart() {
    try (Kernel<LowRank, Tensor> k = Kernel.of(l -> l.a().mul(l.scale()))) {
      assertThat(k.call(new LowRank(dense(1), t(3), t(1), 2)).item()).isEqualTo(6);
      assertThat(k.call(new LowRank(dense(1), t(3), t(1), 5)).item()).isEqualTo(15);
      assertThat(k.call(new LowRank(new Dense(t(1), t(1)), t(4), t(1), 5)).item()).isEqualTo(20);
    }
  }
}
