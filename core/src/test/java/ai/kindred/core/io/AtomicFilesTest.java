package ai.kindred.core.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir private Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void filesAreWrittenAndReplaced() throws IOException {
    Path file = folder.resolve("sub/deep/x.txt");
    AtomicFiles.writeString(file, "one \u00e9");
    AtomicFiles.writeString(file, "two");
    assertThat(file).hasContent("two");
    assertThat(file.getParent()).isDirectoryContaining(f -> f.endsWith("x.txt"));
    AtomicFiles.writeString(folder.resolve("y"), "y");
    assertThat(names()).containsExactly("sub", "y");
  }

  @Test
  void readersSeeTheOldFileUntilTheNewOneIsWhole() throws IOException {
    Path file = folder.resolve("x.txt");
    AtomicFiles.writeString(file, "old");
    AtomicFiles.write(
        file,
        out -> {
          out.write("new".getBytes(UTF_8));
          out.flush();
          assertThat(file).hasContent("old");
        });
    assertThat(file).hasContent("new");
  }

  @Test
  void failuresLeaveNoTrace() throws IOException {
    Path file = folder.resolve("x.txt");
    AtomicFiles.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("could not write " + file + ": No space left on device");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      throw new IllegalStateException("loss is NaN");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("loss is NaN");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("x.txt");
  }

  @Test
  void impossibleTargetsAreNamed() throws IOException {
    assertThatThrownBy(() -> AtomicFiles.writeString(folder, "x"))
        .hasMessage("cannot write " + folder + ": it is a folder");
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> AtomicFiles.writeString(file.resolve("below"), "x"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("could not write " + file.resolve("below"));
    assertThatThrownBy(() -> AtomicFiles.writeFolder(file, f -> {}))
        .hasMessage("cannot write the folder " + file + ": it is a file");
    assertThat(file).hasContent("x");
  }

  @Test
  void linksStayLinks() throws IOException {
    Path target = Files.writeString(folder.resolve("target"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), target);
    AtomicFiles.writeString(link, "new");
    assertThat(link).isSymbolicLink();
    assertThat(target).hasContent("new");
  }

  @Test
  void foldersAreReplacedWhole() throws IOException {
    Path model = folder.resolve("model");
    AtomicFiles.writeFolder(model, f -> Files.writeString(f.resolve("a"), "1"));
    AtomicFiles.writeFolder(
        model,
        f -> {
          Files.createDirectory(f.resolve("sub"));
          Files.writeString(f.resolve("sub/b"), "2");
          assertThat(model.resolve("a")).hasContent("1");
        });
    assertThat(model.resolve("a")).doesNotExist();
    assertThat(model.resolve("sub/b")).hasContent("2");
    assertThat(names()).containsExactly("model");
  }

  @Test
  void failedFoldersLeaveTheOldOne() throws IOException {
    Path model = folder.resolve("model");
    AtomicFiles.writeFolder(model, f -> Files.writeString(f.resolve("a"), "1"));
    assertThatThrownBy(
            () ->
                AtomicFiles.writeFolder(
                    model,
                    f -> {
                      Files.createDirectories(f.resolve("x/y"));
                      Files.writeString(f.resolve("x/y/z"), "2");
                      throw new IOException("No space left on device");
                    }))
        .hasMessage("could not write " + model + ": No space left on device");
    assertThat(model.resolve("a")).hasContent("1");
    assertThat(names()).containsExactly("model");
  }

  @Test
  void anInterruptedSwapIsMended() throws IOException {
    Path model = folder.resolve("model");
    Path old = Files.createDirectory(folder.resolve(".model.old"));
    Files.writeString(old.resolve("a"), "1");
    AtomicFiles.recover(model);
    assertThat(model.resolve("a")).hasContent("1");
    AtomicFiles.recover(model);
    Files.createDirectory(old);
    AtomicFiles.writeFolder(model, f -> Files.writeString(f.resolve("a"), "2"));
    assertThat(model.resolve("a")).hasContent("2");
    assertThat(names()).containsExactly("model");
  }

  @Test
  void leftoversOfKilledProcessesDoNotDisturb() throws IOException {
    Files.writeString(folder.resolve(".x.part0"), "left");
    AtomicFiles.writeString(folder.resolve("x"), "new");
    assertThat(folder.resolve("x")).hasContent("new");
  }

  /** A write that the system cuts short: a limit on file size fails as a full disk does. */
  @Test
  void aFullDiskIsReportedAndNothingIsHalfWritten() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "needs bash to limit a process");
    Path file = folder.resolve("weights.safetensors");
    AtomicFiles.writeString(file, "old");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                "ulimit -f 64; exec \"$0\" -XX:-UsePerfData -cp \"$1\" \"$2\" \"$3\"",
                java,
                System.getProperty("java.class.path"),
                WriteTooMuch.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(output).contains("could not write " + file + ": File too large");
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("weights.safetensors");
  }

  /** Writes a megabyte to the file that it is given. */
  static final class WriteTooMuch {
    private WriteTooMuch() {}

    public static void main(String[] args) throws IOException {
      Safetensors.write(
          Path.of(args[0]), Map.of("a", StoredTensor.of(new float[1 << 18], 1 << 18)), Map.of());
    }
  }
}
