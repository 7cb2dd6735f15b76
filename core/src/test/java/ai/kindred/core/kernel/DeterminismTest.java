package ai.kindred.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** The same function and seed give the same program and the same bits, in any process. */
class DeterminismTest {

  record Net(Map<String, Tensor> weights, List<Tensor> biases) {
    Tensor weight(String name) {
      return Objects.requireNonNull(weights.get(name));
    }
  }

  private static Net net() {
    return new Net(
        Map.of("up", reals(1, 8, 4), "down", reals(2, 4, 8), "gate", reals(3, 8, 4)),
        List.of(reals(4, 8), reals(5, 4)));
  }

  private static Tensor reals(int seed, long... shape) {
    long size = 1;
    for (long s : shape) {
      size *= s;
    }
    return Tensor.of(Key.of(seed).random().doubles(size, -1, 1).toArray(), shape);
  }

  private static Tensor loss(Net net, Tensor x, Tensor key) {
    Tensor h = x;
    for (int i = 0; i < 3; i++) {
      Tensor in = h;
      h =
          Kernel.named(
              "layers." + i,
              () ->
                  Kernel.checkpoint(
                      () -> {
                        Tensor up = in.linear(net.weight("up"), net.biases().get(0));
                        Tensor gate = in.linear(net.weight("gate")).silu();
                        return in.add(up.mul(gate).linear(net.weight("down"), net.biases().get(1)));
                      }));
    }
    Tensor keep = Tensor.rand(key, DType.FLOAT64, h.size(0), h.size(1)).lt(0.5);
    return h.maskedFill(keep, 0).pow(2).mean();
  }

  record Batch(Net net, Tensor x, Tensor key) {}

  private static Batch train(Batch b) {
    Net trained =
        Kernel.loop(
            Dim.of(2),
            b.net(),
            (i, n) -> {
              Grad<Net> g = Grad.of(p -> loss(p, b.x(), b.key()), n);
              List<Tensor> grads = new ArrayList<>(Tree.leaves(g.grads()).values());
              int[] at = {0};
              return Tree.map(n, t -> t.sub(grads.get(at[0]++).mul(0.1)));
            });
    return new Batch(trained, b.x(), b.key());
  }

  private static Batch batch(int i) {
    return new Batch(net(), reals(100 + i, 6, 4), Tensor.of(Key.of(i)));
  }

  private static String text() {
    try (Scope scope = Scope.open();
        Kernel<Batch, Batch> plain = Kernel.of(DeterminismTest::train);
        Kernel<Batch, Batch> stacked = Kernel.stacked(DeterminismTest::train)) {
      Batch one = batch(0);
      Batch two = Tree.map(one, t -> Tensor.stack(List.of(t, t), 0));
      assertThat(scope.size()).isPositive();
      return plain.program(one) + stacked.program(two);
    }
  }

  /** Prints the programs, for another process to compare. */
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.print("PROGRAMS\n" + text());
  }

  @Test
  void anotherProcessWritesTheSamePrograms() throws IOException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-DOPT_OUT_TRACKING=true",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                DeterminismTest.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String printed = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(printed).contains("PROGRAMS\n");
    assertThat(printed.substring(printed.indexOf("PROGRAMS\n") + 9)).isEqualTo(text());
  }

  @Test
  void anyNumberOfThreadsComputesTheSameBits() throws ExecutionException, InterruptedException {
    try (Kernel<Batch, Batch> k = Kernel.of(DeterminismTest::train)) {
      List<double[]> one = trained(k, 1);
      for (int threads : new int[] {2, 4}) {
        List<double[]> many = trained(k, threads);
        for (int i = 0; i < one.size(); i++) {
          assertThat(many.get(i)).containsExactly(one.get(i));
        }
      }
    }
  }

  private static List<double[]> trained(Kernel<Batch, Batch> k, int threads)
      throws ExecutionException, InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<double[]>> futures = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        int at = i;
        futures.add(
            pool.submit(
                () -> {
                  try (Scope scope = Scope.open()) {
                    Batch b = batch(at);
                    assertThat(scope.size()).isEqualTo(7);
                    return k.call(b).net().weight("up").toDoubles();
                  }
                }));
      }
      List<double[]> results = new ArrayList<>();
      for (Future<double[]> f : futures) {
        results.add(f.get());
      }
      return results;
    } finally {
      pool.shutdown();
    }
  }
}
