package ai.kindred.examples.lm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.examples.lm.Commands.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged model folders end in a message, never in anything worse. */
class DamagedModelTest {

  private static final List<String> FILES =
      List.of("config.json", "model.safetensors", "tokenizer.bin");

  @TempDir private Path folder;

  @Test
  void damagedFoldersAreToldInOneLine() throws IOException {
    Path model = Commands.stories(folder.resolve("stories"));
    int live = Scope.live();
    int refused = 0;
    for (int i = 0; i < 240; i++) {
      String name = FILES.get(i % FILES.size());
      byte[] whole = Files.readAllBytes(model.resolve(name));
      // A file is replaced, not written over: what reads the old one may have it mapped.
      Path damaged = folder.resolve("damaged");
      Files.write(damaged, damaged(whole, Key.of(9).fold(i).random()));
      Path kept = folder.resolve("kept");
      Files.move(model.resolve(name), kept);
      Files.move(damaged, model.resolve(name));
      Run run =
          Commands.run(
              "generate", "--model", model, "--prompt", "Once upon", "--max-new-tokens", 1);
      assertThat(run.code()).as("damage %d of %s: %s", i, name, run.err()).isIn(0, 1);
      if (run.code() == 1) {
        refused++;
        assertThat(run.err()).as("damage %d of %s", i, name).startsWith("kindred: ");
        assertThat(run.err()).doesNotContain("--stacktrace shows where", "out of memory");
        assertThat(run.err().length()).isLessThan(2000);
      }
      assertThat(Scope.live()).isEqualTo(live);
      Files.delete(model.resolve(name));
      Files.move(kept, model.resolve(name));
    }
    assertThat(refused).isBetween(80, 235);
  }

  /** Cut short, bits flipped near the beginning or anywhere, bytes overwritten, put in or out. */
  private static byte[] damaged(byte[] whole, SplittableRandom random) {
    int at = random.nextInt(random.nextBoolean() ? Math.min(400, whole.length) : whole.length);
    byte[] copy = whole.clone();
    switch (random.nextInt(5)) {
      case 0 -> {
        return Arrays.copyOf(whole, at);
      }
      case 1 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> {
        for (int i = at; i < Math.min(at + 8, copy.length); i++) {
          copy[i] = (byte) random.nextInt();
        }
      }
      case 3 -> {
        for (int i = at; i < copy.length; i++) {
          if (copy[i] >= '0' && copy[i] <= '9') {
            copy[i] = (byte) ('0' + random.nextInt(10));
            if (random.nextInt(3) == 0) {
              break;
            }
          }
        }
      }
      default -> {
        byte[] longer = new byte[whole.length + 16];
        System.arraycopy(whole, 0, longer, 0, at);
        System.arraycopy(whole, at, longer, at + 16, whole.length - at);
        return longer;
      }
    }
    return copy;
  }
}
