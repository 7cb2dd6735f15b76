package ai.kindred.examples.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.reliability.Doubles;
import ai.kindred.reliability.ProtectedNetwork;
import ai.kindred.reliability.network.TrainedNetwork;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {

  private record Run(int code, String out, String err) {
    JsonNode json() throws IOException {
      return new ObjectMapper().readTree(out);
    }
  }

  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void writeImages() throws IOException {
    set("train", 5200);
    set("t10k", 100);
  }

  /** Noise with a bright bar, whose place is the class. */
  private void set(String name, int n) throws IOException {
    SplittableRandom random = Key.of(6).fold(name).random();
    ByteBuffer images = ByteBuffer.allocate(16 + n * 784).putInt(0x803).putInt(n);
    ByteBuffer labels = ByteBuffer.allocate(8 + n).putInt(0x801).putInt(n);
    images.putInt(28).putInt(28);
    for (int i = 0; i < n; i++) {
      int label = random.nextInt(10);
      labels.put((byte) label);
      for (int p = 0; p < 784; p++) {
        images.put((byte) (random.nextInt(60) + (p / 56 == label + 2 ? 150 : 0)));
      }
    }
    Files.write(folder.resolve(name + "-images-idx3-ubyte"), images.array());
    Files.write(folder.resolve(name + "-labels-idx1-ubyte"), labels.array());
  }

  private static Run run(Object... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new ReliabilityCommands()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Arrays.stream(words).map(Object::toString).toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  private Run train(String method, Object... more) {
    Object[] common = {
      "reliability",
      "train",
      "--method",
      method,
      "--data",
      folder,
      "--out",
      folder.resolve(method),
      "--json"
    };
    Object[] all = Arrays.copyOf(common, common.length + more.length);
    System.arraycopy(more, 0, all, common.length, more.length);
    return run(all);
  }

  @Test
  void floatsThenThrottlingThenProtection() throws IOException {
    int live = Scope.live();
    Run floats = train("float");
    assertThat(floats.code()).as(floats.err()).isZero();
    assertThat(floats.json().path("floatTest").isNull()).isTrue();
    Run qatt = train("qatt", "--from", folder.resolve("float"), "--seed", 2);
    assertThat(qatt.code()).as(qatt.err()).isZero();
    assertThat(qatt.json().path("floatTest")).isEqualTo(floats.json().path("test"));
    assertThat(qatt.json().path("seed").asLong()).isEqualTo(2);
    assertThat(folder.resolve("qatt/run.json")).exists();
    try (Scope scope = Scope.open()) {
      TrainedNetwork trained =
          scope.adopt(TrainedNetwork.load(folder.resolve("qatt").resolve("network")));
      assertThat(trained.config().method()).isEqualTo(TrainedNetwork.Method.QATT);
      assertThat(ProtectedNetwork.protect(trained, Doubles.RAISE).memory()).hasSize(4);
    }
    assertThat(Scope.live()).isEqualTo(live);
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Run both = train("float", "--from", folder);
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("--from is for methods int8, qatt and admm");
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), new byte[] {1, 2, 3});
    Run damaged = train("int8");
    assertThat(damaged.code()).isEqualTo(1);
    assertThat(damaged.err()).contains("t10k-labels-idx1-ubyte: it begins with bytes [1, 2, 3]");
    assertThat(folder.resolve("int8")).doesNotExist();
  }
}
