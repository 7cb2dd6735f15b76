package ai.kindred.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

class KindredTest {

  @Command(name = "zebra", description = "Do something for a test.")
  static class Zebra implements Callable<Integer> {
    private final Supplier<Throwable> failure;

    @Mixin private final Output output = new Output();

    @Option(names = "--count", description = "How often.")
    private int count = 1;

    Zebra(Supplier<Throwable> failure) {
      this.failure = failure;
    }

    Zebra() {
      this(() -> new IOException("unused"));
    }

    record Stripes(int count, double width) {}

    @Override
    public Integer call() throws Exception {
      if (count < 0) {
        throw output.badUsage("--count " + count + ": expected at least 0");
      }
      if (count == 0) {
        Throwable thrown = failure.get();
        if (thrown instanceof Error error) {
          throw error;
        }
        throw (Exception) thrown;
      }
      output.notes().println("counting");
      output.result(new Stripes(count, 0.5), count + " stripes");
      return count > 9 ? 1 : 0;
    }
  }

  private static Run zebra(String... args) {
    return Run.of(List.of(new CoreCommands(), () -> List.of(new Zebra())), args);
  }

  @Test
  void listsCommandsSortedOnOneLineEach() {
    Run run = zebra("--help");
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    List<String> lines = run.out().lines().toList();
    int heading = lines.indexOf("Commands:");
    assertThat(lines.subList(heading + 1, heading + 4))
        .satisfiesExactly(
            l -> assertThat(l).startsWith("  model  Download"),
            l -> assertThat(l).startsWith("  rouge  ROUGE"),
            l -> assertThat(l).isEqualTo("  zebra  Do something for a test."));
    assertThat(lines).contains("'kindred COMMAND --help' explains a command.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "model", "rouge", "zebra"})
  void helpFitsEightyColumns(String command) {
    Run run = command.isEmpty() ? zebra("--help") : zebra(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("--help", "--stacktrace", "--version");
    assertThat(run.out().lines()).allSatisfy(l -> assertThat(l).hasSizeLessThanOrEqualTo(80));
  }

  @Test
  void versionNamesThisBuild() {
    for (Run run : List.of(zebra("--version"), zebra("zebra", "--version"))) {
      assertThat(run.code()).isZero();
      assertThat(run.out())
          .matches("(?s)kindred \\d+\\.\\d+\\.\\d+\\S*\\RDJL 0\\.\\d+.*, Java 1?\\d.*");
      assertThat(run.out()).doesNotContain("${");
    }
  }

  @Test
  void resultsAreTextOrJsonAndNotesGoElsewhere() {
    assertThat(zebra("zebra")).isEqualTo(new Run(0, "1 stripes\n", "counting\n"));
    assertThat(zebra("zebra", "--json", "--count", "12"))
        .isEqualTo(new Run(1, "{\"count\":12,\"width\":0.5}\n", "counting\n"));
  }

  @Test
  void closedOutputStopsTheCommand() {
    PrintWriter closed = new PrintWriter(new StringWriter());
    closed.close();
    StringWriter err = new StringWriter();
    List<CommandProvider> providers = List.of(() -> List.of(new Zebra()));
    int code = Kindred.run(providers, closed, new PrintWriter(err, true), "zebra");
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).endsWith("kindred: standard output is closed\n");
  }

  @Test
  void unknownCommandSuggestsTheNearest() {
    assertThat(zebra("rogue"))
        .isEqualTo(
            new Run(
                2,
                "",
                """
                kindred: no command 'rogue'; did you mean `rouge`?
                'kindred --help' shows what is possible.
                """));
    assertThat(zebra("unlike").err()).startsWith("kindred: no command 'unlike'\n");
  }

  @Test
  void unknownOptionSuggestsTheNearest() {
    assertThat(zebra("zebra", "--cuont", "3"))
        .isEqualTo(
            new Run(
                2,
                "",
                """
                kindred zebra: no option '--cuont'; did you mean `--count`?
                'kindred zebra --help' shows what is possible.
                """));
  }

  @Test
  void superfluousArgumentIsBadUsage() {
    assertThat(zebra("zebra", "stray").err())
        .startsWith("kindred zebra: one argument too many: 'stray'\n");
  }

  @Test
  void badUsageIsOneMessageAndCodeTwo() {
    for (String count : List.of("many", "-1")) {
      Run run = zebra("zebra", "--count", count);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("kindred zebra: ").contains("--count").hasLineCount(2);
    }
  }

  @Test
  void noCommandShowsUsageAsAnError() {
    Run run = zebra();
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("kindred: which command?").contains("Commands:");
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(
            new IOException("model.safetensors: cut at byte 7"),
            "model.safetensors: cut at byte 7"),
        Arguments.of(new UncheckedIOException(new IOException("inner")), "inner"),
        Arguments.of(new NoSuchFileException("x.json"), "no such file or folder: x.json"),
        Arguments.of(new AccessDeniedException("x.json"), "access denied: x.json"),
        Arguments.of(new IllegalArgumentException("rank 0: at least 1"), "rank 0: at least 1"),
        Arguments.of(
            new IllegalStateException(), "IllegalStateException (--stacktrace shows where)"),
        Arguments.of(
            new NullPointerException("x is null"),
            "NullPointerException: x is null (--stacktrace shows where)"),
        Arguments.of(
            new OutOfMemoryError("Java heap space"),
            "out of memory (Java heap space); for a larger Java heap set"
                + " KINDRED_JAVA_OPTS=-Xmx4g"),
        Arguments.of(new StackOverflowError(), "StackOverflowError (--stacktrace shows where)"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failureIsOneMessageAndCodeOne(Throwable failure, String message) {
    List<CommandProvider> providers = List.of(() -> List.of(new Zebra(() -> failure)));
    assertThat(Run.of(providers, "zebra", "--count=0"))
        .isEqualTo(new Run(1, "", "kindred: " + message + "\n"));
    assertThat(Run.of(providers, "zebra", "--count=0", "--stacktrace").err())
        .contains("\tat " + KindredTest.class.getName() + ".failures(");
  }

  @Test
  void twoCommandsOfOneNameAreRefused() {
    List<CommandProvider> twice = List.of(() -> List.of(new Zebra(), new Zebra()));
    assertThatIllegalStateException()
        .isThrownBy(() -> Run.of(twice, "zebra"))
        .withMessageStartingWith("two commands are called zebra");
  }

  @Command(name = "undescribed")
  static class Undescribed implements Runnable {
    @Override
    public void run() {}
  }

  @Test
  void commandWithoutDescriptionIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Run.of(List.of(() -> List.of(new Undescribed())), "undescribed"))
        .withMessage(
            "command undescribed needs a description whose first line has 1 to 64 characters,"
                + " not 0");
  }

  /** Says that it waits, waits to be interrupted, and takes a moment to leave in order. */
  public static final class Patient implements CommandProvider {
    @Command(name = "patient", description = "Wait.")
    static final class Waiting implements Callable<Integer> {
      @Mixin private final Output output = new Output();

      @Override
      public Integer call() throws Exception {
        output.result("waiting", "waiting");
        try {
          Thread.sleep(60_000);
        } finally {
          output.result("saved", "saved");
        }
        return 0;
      }
    }

    @Override
    public List<Object> commands() {
      return List.of(new Waiting());
    }
  }

  @Test
  @Timeout(60)
  void controlCLeavesInOrderWithCode130(@TempDir Path folder) throws Exception {
    Path status = Path.of("/proc/self/status");
    assumeThat(status).as("needs Linux signals").exists();
    long ignored =
        Files.readAllLines(status).stream()
            .filter(l -> l.startsWith("SigIgn:"))
            .mapToLong(l -> Long.parseUnsignedLong(l.substring(7).strip(), 16))
            .findFirst()
            .orElse(0);
    assumeThat(ignored & 2).as("a background job ignores SIGINT, and so does its child").isZero();

    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(CommandProvider.class.getName()), Patient.class.getName());
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder + ":" + System.getProperty("java.class.path"),
                Kindred.class.getName(),
                "patient")
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    while (Files.size(out) == 0 && process.isAlive()) {
      Thread.sleep(20);
    }
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(out)).isEqualTo("waiting\nsaved\n");
    assertThat(Files.readString(err)).isEqualTo("kindred: interrupted\n");
    assertThat(process.exitValue()).isEqualTo(130);
  }
}
