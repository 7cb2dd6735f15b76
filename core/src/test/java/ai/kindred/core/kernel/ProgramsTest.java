package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ProgramsTest {

  /** A cache that keeps four short programs. */
  private final Programs programs = new Programs(4 * Programs.LEAST_CHARACTERS);

  /** The program x + n. */
  private static ProgramText adding(int n) {
    Symbol x = new Symbol(0, new Meta(DType.FLOAT32, List.of()));
    Symbol y = new Symbol(1, new Meta(DType.FLOAT32, List.of()));
    Node.Block block = new Node.Block();
    block
        .nodes()
        .add(new Node.Call(Ops.ADD, List.of(x, (double) n), List.of(y), Node.Where.now("")));
    return Printer.print(List.of(x), block, List.of(y));
  }

  private static float run(Program program, ProgramText text) {
    try (Scope scope = Scope.open();
        Tensor x = Tensor.scalar(0.5, DType.FLOAT32)) {
      Tensor y =
          Eager.wrap(
                  program.run(List.of((Value) x), scope, text),
                  List.of(new Meta(DType.FLOAT32, List.of())),
                  new Backing(List.of(List.of())),
                  List.of())
              .get(0);
      return (float) y.item();
    }
  }

  private void awaitAlive(int count) throws InterruptedException {
    for (int i = 0; i < 200 && programs.alive() != count; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(programs.alive()).isEqualTo(count);
  }

  @Test
  void equalTextsShareAProgram() {
    assertThat(programs.of(adding(1))).isSameAs(programs.of(adding(1)));
    assertThat(programs.kept()).isEqualTo(1);
    assertThat(programs.alive()).isEqualTo(1);
  }

  @Test
  void thoseUsedLeastRecentlyAreDroppedAndFreed() throws InterruptedException {
    Program first = programs.of(adding(0));
    for (int n = 1; n < 20; n++) {
      programs.of(adding(n));
      assertThat(programs.of(adding(0))).as("used again before each").isSameAs(first);
    }
    assertThat(programs.kept()).isEqualTo(4);
    awaitAlive(4);
    for (int n = 20; n < 30; n++) {
      programs.of(adding(n));
    }
    assertThat(programs.of(adding(0))).as("dropped at last").isNotSameAs(first);
    assertThat(run(first, adding(0))).as("and still whole for who holds it").isEqualTo(0.5f);
    awaitAlive(5);
  }

  @Test
  void aProgramLargerThanTheCacheStaysAlone() {
    Programs small = new Programs(1);
    ProgramText text = adding(1);
    assertThat(run(small.of(text), text)).isEqualTo(1.5f);
    assertThat(run(small.of(adding(2)), adding(2))).isEqualTo(2.5f);
    assertThat(small.kept()).isEqualTo(1);
  }

  @Test
  void modulesAreFreedWhileOthersRun() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        SplittableRandom random = Key.of(4).fold(t).random();
        done.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 300; i++) {
                    int n = random.nextInt(12);
                    ProgramText text = adding(n);
                    assertThat(run(programs.of(text), text)).isEqualTo(n + 0.5f);
                    if (i % 50 == 0) {
                      System.gc();
                    }
                  }
                }));
      }
      for (Future<?> f : done) {
        f.get();
      }
    } finally {
      threads.shutdownNow();
    }
    awaitAlive(4);
  }
}
