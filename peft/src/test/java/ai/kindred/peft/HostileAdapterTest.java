package ai.kindred.peft;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged and hostile adapter folders: each is refused with an IOException that names the folder,
 * or read in full; none takes the memory that its numbers claim, and no tensors are left behind.
 */
@Timeout(60)
class HostileAdapterTest {

  private static final int CASES = 100;

  private static final List<String> PIECES =
      List.of(
          "null",
          "{}",
          "[]",
          "-1",
          "0",
          "1e999",
          "65536",
          "2147483647",
          "99999999999999999999",
          "NaN",
          "true",
          ",",
          "\"",
          "\\",
          "\"\\ud800\"",
          "\"((a{1000}){1000}){1000}\"",
          "\"" + "(".repeat(1900) + "\"",
          "\"(x?|x?|x?){30}y\"",
          "\"../../x\"",
          "[".repeat(3000),
          "{\"a\":".repeat(3000),
          "9".repeat(2000),
          "\"" + "x".repeat(100_000) + "\"");

  @TempDir private Path folder;

  /** Damages bytes, the first {@code head} of which matter most. */
  private static byte[] damaged(byte[] valid, int head, int kind, SplittableRandom random) {
    int at = random.nextInt(random.nextInt(4) == 0 ? valid.length : head);
    return switch (kind) {
      case 0 -> Arrays.copyOf(valid, random.nextInt(valid.length));
      case 1 -> {
        byte[] flipped = valid.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      default -> {
        byte[] piece = PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8);
        int removed = Math.min(random.nextInt(24), valid.length - at);
        byte[] spliced = Arrays.copyOf(valid, valid.length + piece.length - removed);
        System.arraycopy(piece, 0, spliced, at, piece.length);
        int rest = at + removed;
        System.arraycopy(valid, rest, spliced, at + piece.length, valid.length - rest);
        yield spliced;
      }
    };
  }

  private @Nullable String refusal(Toy base) {
    try (Scope scope = Scope.open()) {
      AdapterFolder.at(folder).load(base);
      assertThat(scope.size()).isPositive();
      return null;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void lora() throws IOException {
    attack(
        new LoraConfig(
            2, 4, false, 0, Targets.matching("layers.*"), Map.of("v_proj", 1), Map.of()));
  }

  @Test
  void mode() throws IOException {
    attack(MixtureOfDyadicExpertsConfig.of(3, 4, 2, Targets.of("q_proj", "v_proj").inLayers(0, 1)));
  }

  private void attack(AdapterConfig config) throws IOException {
    try (Scope scope = Scope.open()) {
      Toy base = Toy.of(3);
      AdapterFolder.at(folder).save(Toy.adapted(config), config, "toy");
      assertThat(refusal(base)).isNull();
      int live = scope.size();
      for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
        Path file = folder.resolve(name);
        byte[] valid = Files.readAllBytes(file);
        int head = name.endsWith(".json") ? valid.length : Math.min(valid.length, 1500);
        for (int kind = 0; kind < 3; kind++) {
          int refused = 0;
          for (int i = 0; i < CASES; i++) {
            Key key = Key.of(13).fold(config.peftType()).fold(name).fold(kind).fold(i);
            Files.write(file, damaged(valid, head, kind, key.random()));
            String refusal = refusal(base);
            if (refusal != null) {
              refused++;
              assertThat(refusal).startsWith(folder.toString()).hasSizeLessThan(6000);
            }
          }
          // Bits of values and of words that nobody reads may flip without harm.
          assertThat(refused).as(name + " " + kind).isGreaterThan(CASES / 4);
        }
        Files.write(file, valid);
      }
      assertThat(refusal(base)).isNull();
      assertThat(scope.size()).isEqualTo(live);
      assertThat(folder.toFile().list()).hasSize(3);
    }
  }
}
