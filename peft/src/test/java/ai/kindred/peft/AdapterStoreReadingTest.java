package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** While a folder is being read, the store goes on. */
@Timeout(60)
class AdapterStoreReadingTest {

  private static final LoraConfig CONFIG = LoraConfig.of(2, 4, Targets.of("q_proj"));

  /** An adapter that is made only when the test lets it. */
  record Gated(Linear base, Tensor gain) implements Adapter {

    static CountDownLatch reached = new CountDownLatch(0);
    static CountDownLatch open = new CountDownLatch(0);
    static final AtomicInteger MADE = new AtomicInteger();

    @Override
    public Tensor delta(Tensor x, Pass pass) {
      return base.apply(x, pass).mul(gain);
    }

    record Config(Targets targets) implements AdapterConfig {

      @Override
      public Gated adapt(String path, Linear base, Init init) {
        reached.countDown();
        try {
          open.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        MADE.incrementAndGet();
        return new Gated(base, init.zeros(base.out()));
      }
    }
  }

  @TempDir private Path temporary;

  private final Scope scope = Scope.open();
  private final Toy base = Toy.of(2);
  private final ExecutorService others = Executors.newFixedThreadPool(2);

  @AfterEach
  void close() throws InterruptedException {
    Gated.open.countDown();
    others.shutdown();
    assertThat(others.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    scope.close();
  }

  private AdapterFolder lora(int i) throws IOException {
    AdapterFolder folder = AdapterFolder.at(temporary.resolve("user" + i));
    folder.save(Adapters.add(base, CONFIG, Key.of(i)), CONFIG, null);
    return folder;
  }

  private AdapterFolder gated() throws IOException {
    Gated.Config config = new Gated.Config(Targets.of("q_proj"));
    AdapterFolder folder = AdapterFolder.at(temporary.resolve("gated")).reading(Gated.Config.class);
    folder.save(Adapters.add(base, config, Key.of(0)), config, null);
    Gated.reached = new CountDownLatch(1);
    Gated.open = new CountDownLatch(1);
    Gated.MADE.set(0);
    return folder;
  }

  @Test
  void othersAreLentMeanwhileAndTheFolderIsReadOnce()
      throws IOException, InterruptedException, ExecutionException {
    try (AdapterStore<Toy> store = AdapterStore.of(base, 2)) {
      store.add("a", lora(1));
      store.add("b", lora(2));
      store.add("slow", gated());
      Future<AdapterStore.Lease<Toy>> first = others.submit(() -> store.borrow("slow"));
      Gated.reached.await();
      Future<AdapterStore.Lease<Toy>> second = others.submit(() -> store.borrow("slow"));
      store.borrow("a").close();
      AdapterStore.Lease<Toy> b = store.borrow("b"); // takes the place of a
      assertThat(store.resident()).isEqualTo(1);
      assertThatThrownBy(() -> store.borrow("a"))
          .hasMessageContaining(
              "all 2 adapters that the store may hold are on lease or being read");
      assertThat(first.isDone() || second.isDone()).isFalse();
      Gated.open.countDown();
      assertThat(second.get().model()).isSameAs(first.get().model());
      assertThat(Gated.MADE).hasValue(2); // a product of each of two layers
      b.close();
      first.get().close();
      second.get().close();
    }
  }

  @Test
  void whatWasRemovedMeanwhileIsLentButNotKept()
      throws IOException, InterruptedException, ExecutionException {
    AdapterFolder gated = gated();
    int live = Scope.live();
    try (AdapterStore<Toy> store = AdapterStore.of(base, 2)) {
      store.add("slow", gated);
      Future<AdapterStore.Lease<Toy>> lease = others.submit(() -> store.borrow("slow"));
      Gated.reached.await();
      assertThat(store.remove("slow")).isTrue();
      Gated.open.countDown();
      assertThat(lease.get().model()).isNotNull();
      assertThat(store.resident()).isZero();
      lease.get().close();
      assertThat(Scope.live()).isEqualTo(live);
    }
  }

  @Test
  void whoWaitsCanBeInterrupted() throws IOException, InterruptedException {
    try (AdapterStore<Toy> store = AdapterStore.of(base, 2)) {
      store.add("slow", gated());
      Future<AdapterStore.Lease<Toy>> reader = others.submit(() -> store.borrow("slow"));
      Gated.reached.await();
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> store.borrow("slow"))
          .isInstanceOf(InterruptedIOException.class)
          .hasMessageContaining("another thread reads the adapter \"slow\"");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(reader.isDone()).isFalse();
    }
  }
}
