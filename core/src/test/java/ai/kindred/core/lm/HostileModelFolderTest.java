package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model's folder with one file damaged is refused with an IOException that names the file, or
 * loads; nothing else comes out, and no tensors are left behind.
 */
@Timeout(60)
class HostileModelFolderTest {

  private static final int CASES = 80;

  @TempDir private Path folder;

  private boolean isRefused(String as) {
    try (Scope scope = Scope.open()) {
      LanguageModel model = LanguageModel.load(folder);
      assertThat(scope.size()).isPositive();
      Tokenizer tokenizer = model.tokenizer();
      if (tokenizer != null) {
        assertThat(tokenizer.encode("Hi you", true)).isNotNull();
        tokenizer.close();
      }
      return false;
    } catch (IOException e) {
      assertThat(e.getMessage()).as(as).startsWith(folder.toString()).hasSizeLessThan(6000);
      return true;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(as, e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "generation_config.json",
        "model.safetensors"
      })
  void isRefusedOrRead(String name) throws IOException {
    TinyModels.folder(folder);
    assertThat(isRefused("undamaged")).isFalse();
    int live = Scope.live();
    Path file = folder.resolve(name);
    byte[] good = Files.readAllBytes(file);
    List<String> kinds = List.of("cut", "flipped", "restructured");
    for (String kind : kinds) {
      int refused = 0;
      for (int i = 0; i < CASES; i++) {
        SplittableRandom random = Key.of(5).fold(name).fold(kind).fold(i).random();
        byte[] bad =
            switch (kind) {
              case "cut" -> HostileJson.cut(good, random);
              case "flipped" -> HostileJson.flipped(good, 2000, random);
              default ->
                  name.endsWith(".json")
                      ? HostileJson.restructured(good, random)
                      : HostileJson.flipped(good, 200, random);
            };
        // Replaced, not written over: what read the old one may have it mapped.
        Files.delete(file);
        Files.write(file, bad);
        refused += isRefused(name + " " + kind + " " + i) ? 1 : 0;
      }
      assertThat(Scope.live()).isEqualTo(live);
      if (kind.equals("cut")) {
        assertThat(refused).as("%s %s", name, kind).isGreaterThan(CASES * 9 / 10);
      } else {
        assertThat(refused).as("%s %s", name, kind).isPositive();
      }
    }
  }
}
