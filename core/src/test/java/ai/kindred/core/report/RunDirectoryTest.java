package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
  record Adapter(String kind, int rank) {}

  record Config(int steps, double rate, Adapter adapter) {}

  @TempDir Path temp;

  private RunDirectory.Setup setup(Path... data) {
    Config config = new Config(100, 1e-4, new Adapter("lora", 8));
    return new RunDirectory.Setup("kindred finetune --steps 100", 7, config, List.of(data));
  }

  private static Event loss(long step, double loss) {
    return new Event(step, "train").with("loss", loss);
  }

  private static List<Long> steps(RunRecord record, String kind) {
    return record.events(kind).stream().map(Event::step).toList();
  }

  @Test
  void anInterruptedThreadStillWritesDownHowTheRunEnded() throws IOException {
    Path folder = temp.resolve("run");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      Thread.currentThread().interrupt();
      run.on(loss(1, 2.5));
      run.on(loss(2, 2.25));
      run.finish(RunStatus.STOPPED);
    }
    assertThat(Thread.interrupted()).as("the interrupt status is set again").isTrue();
    RunRecord record = RunRecord.read(folder);
    assertThat(steps(record, "train")).containsExactly(1L, 2L);
    assertThat(record.facts().status()).isEqualTo(RunStatus.STOPPED);
  }

  @Test
  void readsBackWhatARunWroteDown() throws IOException {
    Files.createDirectories(temp.resolve("tasks"));
    Files.writeString(temp.resolve("tasks/b.json"), "abc");
    Files.writeString(temp.resolve("tasks/a.json"), "");
    Path folder = temp.resolve("runs/one");
    try (RunDirectory run = RunDirectory.create(folder, setup(temp.resolve("tasks")))) {
      assertThat(run.on(loss(1, 2.5))).isEqualTo(Signal.CONTINUE);
      run.on(new Event(2, "train").with("loss", Double.NaN).with("tokens", 1L << 40));
      run.on(new Event(2, "note").with("text", "a \"b\"\n\u65e5").with("ok", true));
      assertThat(RunRecord.read(folder).facts().status()).isEqualTo(RunStatus.RUNNING);
      run.results(Map.of("rougeL", 41.2));
      run.finish(RunStatus.DONE);
    }
    RunRecord record = RunRecord.read(folder);
    assertThat(record.config().at("/adapter/rank").asInt()).isEqualTo(8);
    assertThat(record.config(Config.class))
        .isEqualTo(new Config(100, 1e-4, new Adapter("lora", 8)));
    assertThat(record.events("train")).hasSize(2);
    assertThat(record.events("train").get(0).number("loss")).isEqualTo(2.5);
    assertThat(record.events("train").get(1).number("loss")).isNaN();
    assertThat(record.events("train").get(1).values()).containsEntry("tokens", 1L << 40);
    assertThat(record.events("note").get(0).values())
        .containsEntry("text", "a \"b\"\n\u65e5")
        .containsEntry("ok", true);
    assertThat(record.results()).isNotNull();
    assertThat(record.facts().status()).isEqualTo(RunStatus.DONE);
    assertThat(record.facts().origin()).isEqualTo(new Origin("kindred finetune --steps 100", 7));
    assertThat(Instant.parse(record.facts().started())).isBeforeOrEqualTo(Instant.now());
    assertThat(record.facts().data().stream().map(DataFile::sha256))
        .as("FIPS 180-4: the digests of the empty text and of abc")
        .containsExactly(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("config.json", "run.json", "events.jsonl", "results.json");
    }
  }

  @Test
  void recordsVersionsOfWhatRuns() throws IOException {
    try (RunDirectory run = RunDirectory.create(temp.resolve("r"), setup())) {
      Map<String, String> versions = run.facts().versions();
      assertThat(versions.get("kindred")).matches("\\d+\\.\\d+\\.\\d+.*");
      assertThat(versions.get("djl")).matches("\\d+\\.\\d+\\.\\d+.*");
      assertThat(versions.get("libtorch")).matches("\\d+\\.\\d+\\.\\d+.* .+");
      assertThat(versions.get("jvm")).contains(System.getProperty("java.vm.version"));
      assertThat(versions).containsKeys("os", "arch", "processors", "maxHeapMiB");
    }
  }

  @Test
  void toleratesALineCutAnywhereByAKillAndGoesOnAfterIt() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      LongStream.rangeClosed(1, 3).forEach(step -> run.on(loss(step, 2)));
    }
    Path log = folder.resolve("events.jsonl");
    byte[] whole = Files.readAllBytes(log);
    for (int length = 0; length < whole.length; length++) {
      Files.write(log, Arrays.copyOf(whole, length));
      int lines =
          (int)
              new String(whole, 0, length, StandardCharsets.UTF_8)
                  .chars()
                  .filter(c -> c == '\n')
                  .count();
      assertThat(RunRecord.read(folder).events("train")).hasSize(lines);
      if (length % 37 == 0) {
        RunDirectory.resume(folder, lines).close();
        RunRecord resumed = RunRecord.read(folder);
        assertThat(resumed.events("train")).hasSize(lines);
        assertThat(steps(resumed, "resume")).containsExactly((long) lines);
      }
    }
  }

  @Test
  void dropsStepsThatAResumedRunDidAgain() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      LongStream.rangeClosed(1, 8).forEach(step -> run.on(loss(step, 1)));
    }
    assertThat(RunRecord.read(folder).facts().status()).isEqualTo(RunStatus.FAILED);
    try (RunDirectory run = RunDirectory.resume(folder, 5)) {
      LongStream.rangeClosed(6, 7).forEach(step -> run.on(loss(step, 2)));
      run.finish(RunStatus.STOPPED);
    }
    RunRecord record = RunRecord.read(folder);
    assertThat(steps(record, "train")).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(record.curve("train", "loss").points().get(6).y()).isEqualTo(2);
    assertThat(record.facts().resumes()).isEqualTo(1);
    assertThat(record.facts().status()).isEqualTo(RunStatus.STOPPED);
  }

  @Test
  void exportsEventsOfAKindAsCsv() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      run.on(loss(1, 2.5));
      run.on(new Event(1, "other"));
      run.on(new Event(2, "train").with("note", "a,\"b\""));
    }
    Path csv = temp.resolve("train.csv");
    RunRecord.read(folder).writeCsv("train", csv);
    assertThat(Files.readString(csv).replaceAll("\\d{4}-[^,]*Z", "TIME"))
        .isEqualTo("step,time,loss,note\r\n1,TIME,2.5,\r\n2,TIME,,\"a,\"\"b\"\"\"\r\n");
  }

  @Test
  void saysHowTwoRunsDiffer() throws IOException {
    for (int i = 0; i < 2; i++) {
      Config config = new Config(100 + i, 1e-4, new Adapter("lora", 8));
      var setup = new RunDirectory.Setup("kindred finetune", 7 + i, config, List.of());
      try (RunDirectory run = RunDirectory.create(temp.resolve("r" + i), setup)) {
        run.results(
            i == 0 ? Map.of("scores", List.of(1.5, 2)) : Map.of("scores", List.of(1.5, 3, 4)));
        run.finish(i == 0 ? RunStatus.DONE : RunStatus.STOPPED);
      }
    }
    RunRecord one = RunRecord.read(temp.resolve("r0"));
    RunRecord two = RunRecord.read(temp.resolve("r1"));
    assertThat(one.differences(one)).isEmpty();
    assertThat(one.differences(two))
        .containsExactly(
            "config/steps: 100 -> 101",
            "results/scores/1: 2 -> 3",
            "results/scores/2: (none) -> 4",
            "seed: 7 -> 8");
  }

  @Test
  void oneRunAFolderAndOneWriterARun() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      assertThat(run.folder()).isEqualTo(folder);
      assertThatThrownBy(() -> RunDirectory.create(folder, setup()))
          .isInstanceOf(FileAlreadyExistsException.class)
          .hasMessageContaining("already holds a run");
      assertThatThrownBy(() -> RunDirectory.resume(folder, 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another run of this process is writing");
      assertThatThrownBy(() -> run.finish(RunStatus.RUNNING))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> RunDirectory.resume(temp.resolve("none"), 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run.json");
    assertThatThrownBy(
            () -> RunDirectory.create(temp.resolve("x"), setup(temp.resolve("absent.json"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("absent.json");
    assertThat(temp.resolve("x")).doesNotExist();
  }

  @Test
  void namesTheFileAndTheLineOfWhatItCannotRead() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      run.on(loss(1, 1));
    }
    Path log = folder.resolve("events.jsonl");
    String good = Files.readString(log);
    for (String bad :
        List.of(
            "{}",
            "[]",
            "",
            "null",
            "{\"time\":\"yesterday\",\"step\":1,\"kind\":\"a\"}",
            good.strip().replace("\"step\":1", "\"step\":-1"),
            good.strip().replace("\"step\":1", "\"step\":1e99"),
            good.strip().replace("1.0", "[1]"),
            "[".repeat(100_000),
            "x".repeat(RunFiles.LONGEST_LINE + 1))) {
      Files.writeString(log, good + bad + "\n" + good);
      assertThatThrownBy(() -> RunRecord.read(folder))
          .as(bad.substring(0, Math.min(60, bad.length())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("events.jsonl, line 2 is not an event");
    }
    Files.writeString(log, good);
    Path run = folder.resolve("run.json");
    for (String bad : List.of("", "null", "{", "{}", "[1]", "[".repeat(100_000))) {
      Files.writeString(run, bad);
      assertThatThrownBy(() -> RunRecord.read(folder))
          .as(bad.substring(0, Math.min(60, bad.length())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("run.json");
    }
  }

  @Test
  void survivesFlippedBytes() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      LongStream.rangeClosed(1, 3).forEach(step -> run.on(loss(step, 2)));
    }
    for (String name : List.of("events.jsonl", "run.json")) {
      Path file = folder.resolve(name);
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < 200; i++) {
        var random = Key.of(9).fold(name).fold(i).random();
        byte[] bad = good.clone();
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, bad);
        try {
          assertThat(RunRecord.read(folder)).isNotNull();
        } catch (IOException e) {
          assertThat(e).hasMessageContaining(name);
        }
      }
      Files.write(file, good);
    }
  }

  @Test
  void refusesAnEventOfAMegabyteAndAConfigThatIsNoJson() throws IOException {
    Path folder = temp.resolve("r");
    try (RunDirectory run = RunDirectory.create(folder, setup())) {
      assertThatThrownBy(() -> run.on(new Event(1, "note").with("text", "x".repeat(1 << 20))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("event 'note' at step 1 takes");
      assertThatThrownBy(() -> run.results(new Object()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot be written as JSON");
      assertThat(folder.resolve("results.json")).doesNotExist();
    }
  }

  @Test
  void knowsTheCommitAndWhetherFilesDifferFromIt() throws Exception {
    assertThat(GitState.of(temp)).isEmpty();
    git("init", "-q");
    Files.writeString(temp.resolve("file"), "one");
    git("add", "file");
    git("-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-qm", "first");
    GitState clean = GitState.of(temp).orElseThrow();
    assertThat(clean.commit()).matches("[0-9a-f]{40}");
    assertThat(clean.dirty()).isFalse();
    Files.writeString(temp.resolve("untracked"), "x");
    assertThat(GitState.of(temp)).contains(clean);
    Files.writeString(temp.resolve("file"), "two");
    assertThat(GitState.of(temp)).contains(new GitState(clean.commit(), true));
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("git");
    builder.command().addAll(List.of(arguments));
    assertThat(builder.directory(temp.toFile()).inheritIO().start().waitFor()).isZero();
  }
}
