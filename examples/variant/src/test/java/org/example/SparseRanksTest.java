package org.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.Targets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a project of its own needs to write for a new kind of adapter: one record. */
class SparseRanksTest {

  record Model(Linear qProj, Linear vProj) {}

  private static final SparseRanks.Config CONFIG =
      new SparseRanks.Config(6, 2, 0.5, Targets.allLinear());

  @TempDir private Path folder;

  private final Scope scope = Scope.open();
  private final Tensor x = random("x", 5, 8);
  private final Model base =
      new Model(new Dense(random("q", 4, 8), null), new Dense(random("v", 3, 8), null));

  @BeforeEach
  void open() {
    assertThat(scope.size()).isPositive();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor random(String name, long... shape) {
    int n =
        (int) IntStream.range(0, shape.length).mapToLong(i -> shape[i]).reduce(1, (a, b) -> a * b);
    float[] values = new float[n];
    var random = Key.of(3).fold(name).random();
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return Tensor.of(values, shape);
  }

  private static Pass pass() {
    Tensor none = Tensor.of(new long[0]);
    return new Pass(none, none, (layer, q, k, v, s) -> q, List.of(), false, false, null);
  }

  private Model trained() {
    Model model = Adapters.add(base, CONFIG, Key.of(1));
    Params params = Tree.params(model, Adapter.class);
    return Tree.with(model, params.map(t -> t.add(0.1)));
  }

  @Test
  void itIsSavedAndLoadedWithNothingMoreToWrite() throws IOException {
    Model model = trained();
    AdapterFolder at = AdapterFolder.at(folder.resolve("a")).reading(SparseRanks.Config.class);
    at.save(model, CONFIG, "base");
    var loaded = at.load(base);
    assertThat(loaded.config()).isEqualTo(CONFIG);
    assertThat(loaded.ignored()).isEmpty();
    assertThat(loaded.model().qProj().apply(x, pass()).toFloats())
        .isEqualTo(model.qProj().apply(x, pass()).toFloats());
    assertThat(folder.resolve("a/adapter_config.json"))
        .content()
        .contains("\"peft_type\" : \"SPARSE_RANKS\"", "\"active\" : 2", "\"rank\" : 6");
    assertThatThrownBy(() -> AdapterFolder.at(folder.resolve("a")).load(base))
        .hasMessageContaining("`peft_type` is \"SPARSE_RANKS\"; the kinds read here are [LORA");
  }

  /** Rank by rank: the two best of each token. */
  @Test
  void itComputesWhatItSays() {
    SparseRanks ranks = (SparseRanks) trained().vProj();
    double[] got = ranks.delta(x, pass()).toDoubles();
    for (int t = 0; t < 5; t++) {
      Tensor row = x.narrow(0, t, 1);
      double[] score = row.linear(ranks.router().weight()).toDoubles();
      double[] h = row.linear(ranks.loraA()).toDoubles();
      double[] b = ranks.loraB().toDoubles();
      List<Integer> best =
          IntStream.range(0, 6)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -score[i]))
              .limit(2)
              .toList();
      double all = best.stream().mapToDouble(i -> Math.exp(score[i])).sum();
      for (int q = 0; q < 3; q++) {
        double want = 0;
        for (int i : best) {
          want += 0.5 * Math.exp(score[i]) / all * h[i] * b[q * 6 + i];
        }
        assertThat(got[t * 3 + q]).isCloseTo(want, within(1e-6));
      }
    }
  }

  @Test
  void itTrains() {
    Model model = Adapters.add(base, CONFIG, Key.of(1));
    Tensor target = random("target", 5, 4);
    Params p = Tree.params(model, Adapter.class);
    double first = 0;
    double last = 0;
    for (int i = 0; i < 60; i++) {
      Grad<Params> g =
          Grad.of(q -> Tree.with(model, q).qProj().apply(x, pass()).sub(target).pow(2).mean(), p);
      last = g.value().item();
      first = i == 0 ? last : first;
      p = p.sub(g.grads().mul(1.0));
    }
    assertThat(last).isLessThan(0.95 * first);
    assertThat(p.get("q_proj.lora_a").dtype()).isEqualTo(DType.FLOAT32);
  }
}
