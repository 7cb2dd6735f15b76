package ai.kindred.core.data;

import ai.kindred.core.config.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A suite of instruction tasks read from disk.
 *
 * @param train tasks to train on, by name
 * @param test tasks that no training may see; empty where the folder names none
 * @param sha256 checksum of each file read, by task name
 */
public record InstructionTasks(
    List<InstructionTask> train, List<InstructionTask> test, Map<String, String> sha256) {

  /**
   * What to read.
   *
   * @param englishOnly leaves out tasks with another language in input, output or instruction
   * @param maximumInstances the first so many instances of a task; the original evaluation uses 100
   * @param names which tasks, by name
   */
  public record Options(boolean englishOnly, int maximumInstances, Predicate<String> names) {
    /** Every English task, whole. */
    public static final Options ENGLISH = new Options(true, Integer.MAX_VALUE, name -> true);

    /** Checks the number of instances. */
    public Options {
      if (maximumInstances < 1) {
        throw new IllegalArgumentException(
            "a task is read with at least 1 instance, not " + maximumInstances);
      }
    }
  }

  /** Copies. */
  public InstructionTasks {
    train = List.copyOf(train);
    test = List.copyOf(test);
    sha256 = Collections.unmodifiableMap(new LinkedHashMap<>(sha256));
  }

  /** Every English task of a folder, as {@link #load(Path, Options)} reads it. */
  public static InstructionTasks load(Path folder) throws IOException {
    return load(folder, Options.ENGLISH);
  }

  /**
   * Reads a suite. The folder is one of task files ({@code *.json}), or has a subfolder {@code
   * tasks} of them. Where {@code splits/default/train_tasks.txt} and {@code test_tasks.txt} lie
   * beside {@code tasks}, as in the original repository, the tasks they list are read and no
   * others; else every task is for training.
   *
   * @throws IOException where there is no task, or a file is no task file (the message names file,
   *     field, instance and line)
   */
  public static InstructionTasks load(Path folder, Options options) throws IOException {
    Path tasks = Files.isDirectory(folder.resolve("tasks")) ? folder.resolve("tasks") : folder;
    if (!Files.isDirectory(tasks)) {
      throw new NoSuchFileException(tasks.toString(), null, "no such folder of instruction tasks");
    }
    Map<String, String> checksums = new LinkedHashMap<>();
    Path lists = folder.resolve("splits").resolve("default");
    InstructionTasks suite;
    if (Files.isDirectory(lists) && !tasks.equals(folder)) {
      List<String> train = listed(lists.resolve("train_tasks.txt"));
      List<String> test = listed(lists.resolve("test_tasks.txt"));
      List<String> both = train.stream().filter(test::contains).toList();
      if (!both.isEmpty()) {
        throw new IOException(lists + ": listed for training and for testing: " + both);
      }
      suite =
          new InstructionTasks(
              read(tasks, train, options, checksums),
              read(tasks, test, options, checksums),
              checksums);
    } else {
      suite =
          new InstructionTasks(read(tasks, found(tasks), options, checksums), List.of(), checksums);
    }
    if (suite.train.isEmpty() && suite.test.isEmpty()) {
      throw new IOException(
          folder
              + ": no instruction task here"
              + (options.englishOnly ? " in English" : "")
              + "; expected task*.json, or a folder tasks with them");
    }
    return suite;
  }

  /** Writes each task as {@code NAME.json} into a folder, a file at a time and each whole. */
  public static void write(Path folder, List<InstructionTask> tasks) throws IOException {
    Files.createDirectories(folder);
    for (InstructionTask task : tasks) {
      if (!task.name().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,199}")) {
        throw new IllegalArgumentException(
            "task name \""
                + task.name()
                + "\" is no file name: letters, digits, dot, dash and underscore only");
      }
      Path partial = Files.createTempFile(folder, task.name(), ".partial");
      try {
        try (OutputStream out = Files.newOutputStream(partial)) {
          InstructionTaskFile.write(task, out);
        }
        Files.move(
            partial, folder.resolve(task.name() + ".json"), StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(partial);
      }
    }
  }

  private static List<String> found(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".json") && !name.equals("manifest.json"))
          .map(name -> name.substring(0, name.length() - ".json".length()))
          .sorted()
          .toList();
    }
  }

  private static List<String> listed(Path list) throws IOException {
    return Files.readAllLines(list).stream().map(String::strip).filter(s -> !s.isEmpty()).toList();
  }

  private static List<InstructionTask> read(
      Path folder, List<String> names, Options options, Map<String, String> checksums)
      throws IOException {
    List<InstructionTask> tasks = new ArrayList<>();
    for (String name : names) {
      if (!options.names.test(name)) {
        continue;
      }
      Path file = folder.resolve(name + ".json");
      if (!Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString(), null, "the task list names this task");
      }
      byte[] content;
      try (InputStream in = Files.newInputStream(file)) {
        // One byte over the limit is enough for the parser to refuse the file.
        content = in.readNBytes((int) Json.Limits.LARGE.bytes() + 1);
      }
      InstructionTask task =
          InstructionTaskFile.read(content, file.toString(), name, options.maximumInstances);
      if (!options.englishOnly || task.languages().english()) {
        tasks.add(task);
        checksums.put(name, HexFormat.of().formatHex(newDigest().digest(content)));
      }
    }
    return tasks;
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
