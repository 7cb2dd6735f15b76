package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.data.InstructionTask.Example;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.InstructionTask.Languages;
import ai.kindred.core.data.InstructionTasks.Options;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstructionTasksTest {
  private static final String TASK =
      """
      {"Contributors": ["A"], "Definition": ["Say it."], "Categories": ["Chat"],
       "Input_language": ["English"], "Output_language": ["%s"],
       "Instruction_language": ["English"], "Reasoning": [{"deep": [1, NaN]}],
       "Positive Examples": [{"input": "a", "output": "b", "explanation": "why"}],
       "Negative Examples": [],
       "Instances": [{"id": "t-1", "input": "x", "output": ["y", "z"]},
                     {"id": "t-2", "input": "", "output": ["w"]}]}
      """;

  @TempDir private Path folder = Path.of("");

  @Test
  void readsATask() throws IOException {
    write("task1_say.json", TASK.formatted("English"));
    write("manifest.json", "[]");
    InstructionTasks suite = InstructionTasks.load(folder);
    assertThat(suite.test()).isEmpty();
    assertThat(suite.train())
        .containsExactly(
            new InstructionTask(
                "task1_say",
                "Say it.",
                List.of("Chat"),
                Languages.ENGLISH,
                List.of(new Example("a", "b", "why")),
                List.of(),
                List.of(
                    new Instance("t-1", "x", List.of("y", "z")),
                    new Instance("t-2", "", List.of("w")))));
    assertThat(suite.sha256()).containsOnlyKeys("task1_say");
    assertThat(suite.sha256().get("task1_say")).hasSize(64);
  }

  @Test
  void readsTheOriginalRepositoryLayout() throws IOException {
    write("tasks/task1_a.json", TASK.formatted("English"));
    write("tasks/task2_b.json", TASK.formatted("English"));
    write("tasks/task3_c.json", TASK.formatted("French"));
    write("tasks/task4_unlisted.json", "not read");
    write("splits/default/train_tasks.txt", "task2_b\ntask3_c\n");
    write("splits/default/test_tasks.txt", "task1_a\n");
    InstructionTasks suite = InstructionTasks.load(folder);
    assertThat(suite.train()).extracting(InstructionTask::name).containsExactly("task2_b");
    assertThat(suite.test()).extracting(InstructionTask::name).containsExactly("task1_a");
    assertThat(InstructionTasks.load(folder, new Options(false, 1, name -> true)).train())
        .hasSize(2)
        .allSatisfy(task -> assertThat(task.instances()).hasSize(1));

    write("splits/default/test_tasks.txt", "task1_a\ntask2_b\n");
    assertThatThrownBy(() -> InstructionTasks.load(folder))
        .hasMessageEndingWith("listed for training and for testing: [task2_b]");
    write("splits/default/test_tasks.txt", "task9_absent\n");
    assertThatThrownBy(() -> InstructionTasks.load(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("task9_absent.json: the task list names this task");
  }

  @Test
  void namesFileFieldInstanceAndLineOfAMistake() throws IOException {
    refused(
        TASK.formatted("English").replace("[\"w\"]", "[\"w\", 12]"),
        ", field Instances, index 1, output 1 (line 7): expected a text, found 12");
    refused(
        TASK.formatted("English").replace("[\"w\"]", "[]"),
        ", field Instances, index 1 (line 7): output is missing or empty, needs a text or a list"
            + " of texts");
    refused(
        TASK.formatted("English").replace("\"input\": \"x\", ", ""),
        ", field Instances, index 0 (line 6): input is missing");
    refused(
        TASK.formatted("English").replace("[\"Say it.\"]", "{}"),
        ", field Definition (line 1): expected a text or a list of texts, found an object");
    refused(
        TASK.formatted("English").replace("\"Definition\"", "\"Definitions\""),
        ", the file (line 7): field Definition is missing or empty");
    refused(TASK.formatted("English").replace("t-2", "t-1"), ": two instances have the id t-1");
    refused("[1]", ", the file (line 1): expected an object, found a list");
    refused("", ", the file (line 1): expected an object, found the end of the file");
  }

  @Test
  void refusesDamagedAndHostileFiles() throws IOException {
    String whole = TASK.formatted("English");
    for (int cut = 1; cut < whole.strip().length(); cut += 7) {
      write("task1_cut.json", whole.substring(0, cut));
      assertThatThrownBy(() -> InstructionTasks.load(folder))
          .as("cut after %d characters", cut)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("task1_cut.json");
    }
    Files.delete(folder.resolve("task1_cut.json"));
    refused(
        whole.replace("[1, NaN]", "[".repeat(100_000)),
        "field Reasoning: over a limit: Document nesting depth (65) exceeds");
    refused(whole + "{}", "expected the end after the task, found an object");
    refused(whole.replace("\"Reasoning\"", "\"Categories\""), "Duplicate field 'Categories'");
    Files.delete(folder.resolve("task1_bad.json"));
    Path binary = folder.resolve("task2_binary.json");
    Files.write(binary, new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> InstructionTasks.load(folder))
        .hasMessageContaining("task2_binary.json");
  }

  @Test
  void anEmptyOrAbsentFolderSaysWhatWouldBeRight() throws IOException {
    assertThatThrownBy(() -> InstructionTasks.load(folder))
        .hasMessage(
            folder
                + ": no instruction task here in English; expected task*.json, or a folder tasks"
                + " with them");
    assertThatThrownBy(() -> InstructionTasks.load(folder.resolve("absent")))
        .hasMessageContaining("no such folder of instruction tasks");
  }

  @Test
  void writesTheFormItReads() throws IOException {
    write("task1_say.json", TASK.formatted("English").replace("\"x\"", "\"\\u6771 \\n\\\"\""));
    List<InstructionTask> tasks = InstructionTasks.load(folder).train();
    Path copy = folder.resolve("copy");
    InstructionTasks.write(copy, tasks);
    assertThat(InstructionTasks.load(copy).train()).isEqualTo(tasks);
    assertThat(copy.toFile().list()).containsExactly("task1_say.json");
    InstructionTask escape =
        InstructionTask.of("../evil", "d", List.of(), tasks.get(0).instances());
    assertThatThrownBy(() -> InstructionTasks.write(copy, List.of(escape)))
        .hasMessageStartingWith("task name \"../evil\" is no file name");
  }

  @Test
  void readsTheRealTasks() throws IOException {
    Path data = Path.of(System.getProperty("kindred.data", ""));
    Path real = data.resolve("super-natural-instructions");
    assumeTrue(Files.isDirectory(real), "no tasks at " + real + ": set -Dkindred.data");
    InstructionTasks suite = InstructionTasks.load(real);
    JsonNode manifest = new ObjectMapper().readTree(real.resolve("manifest.json").toFile());
    assertThat(suite.train()).hasSize(manifest.size());
    for (JsonNode entry : manifest) {
      String name = entry.get("task").asText();
      assertThat(suite.sha256()).containsEntry(name, entry.get("sha256").asText());
      assertThat(suite.train())
          .filteredOn(task -> task.name().equals(name))
          .singleElement()
          .satisfies(
              task -> {
                assertThat(task.instances()).hasSize(entry.get("instances").asInt());
                assertThat(task.positiveExamples()).hasSize(entry.get("positive").asInt());
              });
    }
  }

  private void refused(String content, String message) throws IOException {
    write("task1_bad.json", content);
    assertThatThrownBy(() -> InstructionTasks.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(folder.resolve("task1_bad.json").toString())
        .hasMessageContaining(message);
  }

  private void write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, content.getBytes(StandardCharsets.UTF_8));
  }
}
