package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterStoreTest {

  private static final LoraConfig CONFIG = LoraConfig.of(2, 4, Targets.of("q_proj"));

  @TempDir private Path temporary;

  private final Scope scope = Scope.open();
  private final Toy base = Toy.of(2);
  private final Tensor x = Small.random("x", 3, 6);

  @AfterEach
  void close() {
    scope.close();
  }

  private Toy adapted(int i) {
    Toy model = Adapters.add(base, CONFIG, Key.of(i));
    Params params = Tree.params(model, Adapter.class);
    return Tree.with(model, params.map(t -> t.add(0.01 * (i + 1))));
  }

  private AdapterFolder folder(int i) throws IOException {
    AdapterFolder folder = AdapterFolder.at(temporary.resolve("user" + i));
    folder.save(adapted(i), CONFIG, null);
    return folder;
  }

  private double[] output(Toy model) {
    return model.layers().get(1).qProj().apply(x, Small.PASS).toDoubles();
  }

  private static void assertClose(double[] actual, double[] expected) {
    assertThat(actual).containsExactly(expected, within(1e-12));
  }

  @Test
  void onlyTheLatestAreInMemory() throws IOException {
    int live = 0;
    try (AdapterStore<Toy> store = AdapterStore.of(base, 4)) {
      for (int i = 0; i < 12; i++) {
        store.add("user" + i, folder(i));
      }
      assertThat(store.names()).hasSize(12).contains("user11");
      assertThat(store.resident()).isZero();
      live = Scope.live();
      for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < 12; i++) {
          try (AdapterStore.Lease<Toy> lease = store.borrow("user" + i)) {
            assertClose(output(lease.model()), output(adapted(i)));
          }
          assertThat(store.resident()).isLessThanOrEqualTo(4);
        }
      }
      // What was used last stays: the same tensors again, and no file is read.
      Toy first;
      try (AdapterStore.Lease<Toy> lease = store.borrow("user8")) {
        first = lease.model();
      }
      try (AdapterStore.Lease<Toy> lease = store.borrow("user8")) {
        assertThat(lease.model()).isSameAs(first);
      }
      store.borrow("user0").close();
      try (AdapterStore.Lease<Toy> lease = store.borrow("user8")) {
        assertThat(lease.model()).isSameAs(first);
      }
    }
    assertThat(live).isPositive();
  }

  @Test
  void memoryIsThatOfTheAdaptersHeld() throws IOException {
    AdapterFolder one = folder(1);
    int before = Scope.live();
    AdapterStore<Toy> store = AdapterStore.of(base, 2);
    for (int i = 0; i < 1000; i++) {
      store.add("user" + i, one);
      store.borrow("user" + i).close();
    }
    assertThat(Scope.live()).isEqualTo(before + 2 * 4);
    AdapterStore.Lease<Toy> lease = store.borrow("user999");
    store.close();
    assertThat(Scope.live()).isEqualTo(before + 4);
    assertThat(output(lease.model())).hasSize(18);
    int lent = Scope.live();
    lease.close();
    lease.close();
    assertThat(Scope.live()).isEqualTo(lent - 4);
    assertThatThrownBy(() -> store.borrow("user999")).hasMessage("the adapter store is closed");
  }

  @Test
  void adaptersComeAndGoWhileOthersAreInUse() throws IOException {
    try (AdapterStore<Toy> store = AdapterStore.of(base, 2)) {
      store.add("a", folder(1));
      store.add("b", folder(2));
      AdapterStore.Lease<Toy> a = store.borrow("a");
      assertThat(store.remove("a")).isTrue();
      assertThat(store.remove("a")).isFalse();
      assertClose(output(a.model()), output(adapted(1)));
      assertThatThrownBy(() -> store.borrow("a"))
          .hasMessage("the store has no adapter \"a\"; it has 1 others");
      store.add("a", folder(3));
      try (AdapterStore.Lease<Toy> other = store.borrow("a")) {
        assertClose(output(other.model()), output(adapted(3)));
        assertClose(output(a.model()), output(adapted(1)));
      }
      a.close();
      AdapterStore.Lease<Toy> one = store.borrow("a");
      AdapterStore.Lease<Toy> two = store.borrow("b");
      store.add("c", folder(4));
      assertThatThrownBy(() -> store.borrow("c"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("all 2 adapters");
      one.close();
      assertClose(output(store.borrow("c").model()), output(adapted(4)));
      two.close();
    }
  }

  @Test
  void aBatchBorrowsAnAdapterAnExample() throws IOException {
    try (AdapterStore<Toy> store = AdapterStore.of(base, 3)) {
      store.add("a", folder(1));
      store.add("b", folder(2));
      int before;
      try (AdapterStore.Lease<Toy> a = store.borrow("a");
          AdapterStore.Lease<Toy> b = store.borrow("b")) {
        assertThat(a.model()).isNotSameAs(b.model());
        before = Scope.live();
      }
      try (AdapterStore.Lease<Toy> lease = store.borrow(List.of("b", "a", "b"))) {
        double[] mixed =
            lease
                .model()
                .layers()
                .get(1)
                .qProj()
                .apply(x, Small.pass(Tensor.of(new int[] {0, 1, 2})))
                .toDoubles();
        double[] one = output(adapted(1));
        double[] two = output(adapted(2));
        for (int c = 0; c < 6; c++) {
          assertThat(mixed[c]).isCloseTo(two[c], within(1e-12));
          assertThat(mixed[6 + c]).isCloseTo(one[6 + c], within(1e-12));
          assertThat(mixed[12 + c]).isCloseTo(two[12 + c], within(1e-12));
        }
      }
      assertThat(before).isPositive();
      assertThatThrownBy(() -> store.borrow(List.of("a", "x"))).hasMessageContaining("\"x\"");
      // Nothing is left on lease by a batch that failed.
      store.add("c", folder(3));
      store.borrow(List.of("a", "b", "c")).close();
      store.add("d", folder(4));
      assertThatThrownBy(() -> store.borrow(List.of("a", "b", "c", "d")))
          .hasMessageContaining("on lease");
      store.borrow(List.of("b", "c", "d")).close();
    }
  }

  @Test
  void threadsShareAStore() throws IOException, InterruptedException, ExecutionException {
    List<double[]> expected = new ArrayList<>();
    try (AdapterStore<Toy> store = AdapterStore.of(base, 5)) {
      for (int i = 0; i < 8; i++) {
        store.add("user" + i, folder(i));
        expected.add(output(adapted(i)));
      }
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        List<Future<?>> all =
            Stream.iterate(0, t -> t + 1)
                .limit(4)
                .<Future<?>>map(t -> threads.submit(() -> borrowMany(store, expected, t)))
                .toList();
        for (Future<?> f : all) {
          f.get();
        }
      } finally {
        threads.shutdownNow();
      }
      assertThat(store.resident()).isLessThanOrEqualTo(5);
    }
  }

  @SuppressWarnings("try") // the scope works by being open
  private Object borrowMany(AdapterStore<Toy> store, List<double[]> expected, int thread)
      throws IOException {
    for (int n = 0; n < 60; n++) {
      int i = (n * 5 + thread * 3) % 8;
      try (Scope own = Scope.open();
          AdapterStore.Lease<Toy> lease = store.borrow("user" + i)) {
        assertClose(output(lease.model()), expected.get(i));
      }
    }
    return expected;
  }

  @Test
  void foldersThatCannotBeReadAreToldWhenBorrowed() throws IOException {
    try (AdapterStore<Toy> store = AdapterStore.of(base, 1)) {
      store.add("ghost", AdapterFolder.at(temporary.resolve("none")));
      assertThatThrownBy(() -> store.borrow("ghost"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no adapter folder");
      assertThat(store.resident()).isZero();
      store.add("real", folder(1));
      store.borrow("real").close();
    }
    assertThatThrownBy(() -> AdapterStore.of(base, 0)).hasMessageContaining("not 0");
    Toy other = Tree.mapPaths(base, (path, t) -> path.startsWith("lm_head") ? t.add(1) : t);
    try (AdapterStore<Toy> store = AdapterStore.of(other, 1)) {
      store.add("of another base", folder(1));
      assertThatThrownBy(() -> store.borrow("of another base"))
          .hasMessageContaining("was trained on other weights");
    }
  }
}
