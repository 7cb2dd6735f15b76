package ai.kindred.examples.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.RunStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command killed, interrupted and short of disk: what it says, what it leaves, how it goes on.
 */
@EnabledOnOs(OS.LINUX)
class InterruptedFineTuningTest {

  private static final String ADAPTER = "adapter/adapter_model.safetensors";

  @TempDir private static Path undisturbed;
  @TempDir private Path temp;

  @BeforeAll
  static void runUndisturbed() {
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new FineTuneCommands()),
            new PrintWriter(new StringWriter()),
            new PrintWriter(err, true),
            FineTuneProcess.arguments(undisturbed.resolve("run"), false).toArray(String[]::new));
    assertThat(code).as("%s", err).isZero();
  }

  private static void assertEndsAsUndisturbed(FineTuneProcess resumed) throws Exception {
    assertThat(resumed.exitCode()).as(resumed.printed()).isZero();
    Path run = resumed.folder();
    assertThat(run.resolve(ADAPTER))
        .hasSameBinaryContentAs(undisturbed.resolve("run").resolve(ADAPTER));
    RunRecord record = RunRecord.read(run);
    assertThat(record.facts().status()).isEqualTo(RunStatus.DONE);
    assertThat(record.events("train"))
        .extracting(e -> e.number("loss"))
        .isEqualTo(
            RunRecord.read(undisturbed.resolve("run")).events("train").stream()
                .map(e -> e.number("loss"))
                .toList());
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** The checkpoints' bytes by name. */
  private static Map<String, byte[]> checkpoints(Path run) throws IOException {
    Map<String, byte[]> bytes = new HashMap<>();
    for (String name : names(run.resolve("checkpoints"))) {
      bytes.put(name, Files.readAllBytes(run.resolve("checkpoints").resolve(name)));
    }
    return bytes;
  }

  @Test
  void killedAtRandomStepsItResumesToTheSameBits() throws Exception {
    Path run = temp.resolve("run");
    long[] steps =
        Key.of(21).fold("kill").random().longs(3, 1, FineTuneProcess.STEPS + 1).sorted().toArray();
    for (int i = 0; i < steps.length; i++) {
      FineTuneProcess child = FineTuneProcess.start(run, i > 0);
      try {
        child.awaitStep(steps[i]);
      } finally {
        child.process().destroyForcibly();
      }
      assertThat(child.exitCode()).as("killed after step %d", steps[i]).isEqualTo(128 + 9);
    }
    assertEndsAsUndisturbed(FineTuneProcess.start(run, true));
  }

  @Test
  void interruptedItSavesAndSoItDoesWhereTheDiskIsFull() throws Exception {
    Path run = temp.resolve("run");
    // Where a shell ignores Ctrl-C for what it runs in the background, Java ignores it too.
    FineTuneProcess child = FineTuneProcess.start(run, false, "env", "--default-signal=INT");
    child.awaitStep(4);
    signal("INT", child.process());
    assertThat(child.exitCode()).as(child.printed()).isEqualTo(130);
    assertThat(child.printed())
        .containsPattern(
            "kindred: training was interrupted after step \\d+; its state is in \\S+/step-0+\\d+"
                + "\\.safetensors; run it again to go on\n")
        .contains("to go on, add: --resume --out " + run)
        .doesNotContain("Exception");
    assertThat(names(run))
        .containsExactly("checkpoints", "config.json", "events.jsonl", "run.json");
    assertThat(RunRecord.read(run).facts().status()).isEqualTo(RunStatus.STOPPED);
    Map<String, byte[]> saved = checkpoints(run);
    assertThat(saved.keySet()).allMatch(name -> name.matches("step-0+\\d+\\.safetensors"));
    int steps = RunRecord.read(run).events("train").size();
    assumeTrue(steps < FineTuneProcess.STEPS - 2, "it came too far to save once more");

    // A limit on file sizes fails as a full disk does.
    long blocks = saved.values().iterator().next().length / 1024 / 2;
    FineTuneProcess full =
        FineTuneProcess.start(run, true, "bash", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "");
    assertThat(full.exitCode()).as(full.printed()).isEqualTo(1);
    assertThat(full.printed())
        .containsPattern(
            "kindred: training stops after step \\d+: could not write \\S+/step-0+\\d+\\.safetensors:"
                + " File too large")
        .doesNotContain("Exception");
    assertThat(checkpoints(run)).containsExactlyInAnyOrderEntriesOf(saved);
    assertThat(names(run))
        .containsExactly("checkpoints", "config.json", "events.jsonl", "run.json");
    assertThat(RunRecord.read(run).facts().status()).isEqualTo(RunStatus.FAILED);

    assertEndsAsUndisturbed(FineTuneProcess.start(run, true));
  }

  /** A disk that is full after so many kilobytes, where this process may make one. */
  private static FineTuneProcess onDisk(Path disk, int kilobytes) throws Exception {
    Process mount =
        new ProcessBuilder(
                "mount", "-t", "tmpfs", "-o", "size=" + kilobytes + "k", "tmpfs", disk.toString())
            .redirectErrorStream(true)
            .start();
    assumeTrue(mount.waitFor() == 0, "skipped: only root can mount a small disk");
    FineTuneProcess child = FineTuneProcess.start(disk.resolve("run"), false);
    try {
      child.exitCode();
      try (Stream<Path> files = Files.walk(disk)) {
        assertThat(files).noneMatch(f -> f.getFileName().toString().contains(".part"));
      }
      return child;
    } finally {
      child.process().destroyForcibly().waitFor();
      assertThat(new ProcessBuilder("umount", disk.toString()).start().waitFor()).isZero();
    }
  }

  @Test
  void aDiskThatIsFullIsToldWhereverItHappens() throws Exception {
    // At the first record, at the first checkpoint, at the third beside two.
    Path disk = Files.createDirectory(temp.resolve("disk"));
    String full = ": No space left on device\n";
    for (int kilobytes : new int[] {4, 100, 420}) {
      FineTuneProcess child = onDisk(disk, kilobytes);
      assertThat(child.exitCode()).as(child.printed()).isEqualTo(1);
      assertThat(child.printed())
          .as("%d KB", kilobytes)
          .containsPattern("kindred: .*could not write " + disk + "/run/\\S+" + full)
          .doesNotContain("Exception");
    }
  }

  private static void signal(String name, Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }
}
