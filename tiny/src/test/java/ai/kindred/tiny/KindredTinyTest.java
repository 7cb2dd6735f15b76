package ai.kindred.tiny;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KindredTinyTest {

  private static final long MEGABYTE = 1_000_000;

  @TempDir Path cache;

  @Test
  void theFolderHasTheFilesOfAModelAndIsSmall() throws IOException {
    Path folder = KindredTiny.folder(cache.resolve("new"));

    assertThat(names(folder))
        .containsExactlyInAnyOrder(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "README.md");
    long bytes = 0;
    for (String name : names(folder)) {
      bytes += Files.size(folder.resolve(name));
    }
    assertThat(bytes).isBetween(MEGABYTE, 10 * MEGABYTE);
    assertThat(Files.readString(folder.resolve("README.md")))
        .contains("Command: `kindred pretrain")
        .contains("Seed:")
        .contains("Held-out loss:")
        .contains("minutes");
    assertThat(names(cache.resolve("new"))).hasSize(1);
  }

  @Test
  void aDamagedFileIsReplaced() throws IOException {
    Path folder = KindredTiny.folder(cache);
    byte[] whole = Files.readAllBytes(folder.resolve("tokenizer.json"));
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    Files.write(folder.resolve("tokenizer.json"), damaged);
    Files.delete(folder.resolve("config.json"));

    assertThat(KindredTiny.folder(cache)).isEqualTo(folder);
    assertThat(Files.readAllBytes(folder.resolve("tokenizer.json"))).isEqualTo(whole);
    assertThat(folder.resolve("config.json")).exists();
  }

  @Test
  void manyThreadsUnpackOneFolder() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Path>> calls =
          IntStream.range(0, 8)
              .mapToObj(i -> (Callable<Path>) () -> KindredTiny.folder(cache))
              .toList();
      for (Future<Path> folder : threads.invokeAll(calls)) {
        assertThat(folder.get().resolve("model.safetensors")).exists();
      }
    } finally {
      threads.shutdown();
    }
    assertThat(names(cache)).hasSize(1);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> String.valueOf(f.getFileName()))
          .collect(Collectors.toUnmodifiableList());
    }
  }
}
