package ai.kindred.examples.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.cli.Kindred;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.train.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The command in a process of its own, on the bundled model and settings that take seconds.
 *
 * @param folder of the run
 */
record FineTuneProcess(Process process, Path folder, Path output) {

  static final long STEPS = 12;

  private static final List<String> SETTINGS =
      List.of(
          "finetune",
          "--steps",
          "" + STEPS,
          "--checkpoint-every",
          "3",
          "--max-tasks",
          "1",
          "--held-out",
          "2",
          "--train",
          "20",
          "--max-new-tokens",
          "2",
          "--batch-tokens",
          "256",
          "--adapter",
          "lora",
          "--targets",
          "q_proj,v_proj");

  /** What is typed for a run in this folder. */
  static List<String> arguments(Path folder, boolean resume) {
    List<String> arguments = new ArrayList<>(SETTINGS);
    arguments.addAll(List.of("--out", folder.toString()));
    if (resume) {
      arguments.add("--resume");
    }
    return arguments;
  }

  /**
   * Starts it.
   *
   * @param before words before Java's own, such as {@code env}
   */
  static FineTuneProcess start(Path folder, boolean resume, String... before) throws IOException {
    List<String> command = new ArrayList<>(List.of(before));
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:-UsePerfData",
            "-Dai.djl.offline=true",
            "-DOPT_OUT_TRACKING=true",
            "-cp",
            System.getProperty("java.class.path"),
            Kindred.class.getName()));
    command.addAll(arguments(folder, resume));
    Path output = Files.createTempFile("kindred-finetune", ".txt");
    output.toFile().deleteOnExit();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.to(output.toFile()))
            .start();
    return new FineTuneProcess(process, folder, output);
  }

  /** Waits until the run has taken so many steps. */
  void awaitStep(long step) throws IOException, InterruptedException {
    while (process.isAlive() && lastStep() < step) {
      Thread.sleep(2);
    }
    assertThat(lastStep()).as("%s", printed()).isGreaterThanOrEqualTo(step);
  }

  private long lastStep() throws IOException {
    if (!Files.exists(folder.resolve("run.json"))) {
      return 0;
    }
    return RunRecord.read(folder).events("train").stream().mapToLong(Event::step).max().orElse(0);
  }

  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
    return process.exitValue();
  }

  /** Both streams. */
  String printed() throws IOException {
    return Files.readString(output);
  }
}
