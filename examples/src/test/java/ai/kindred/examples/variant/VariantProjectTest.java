package ai.kindred.examples.variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A new kind of adapter in a Maven project of its own, built as its author would build it: a copy
 * of the project outside the tree, Kindred's jars from a repository, nothing from the network.
 */
class VariantProjectTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PROJECT = ROOT.resolve("examples/variant");
  private static final Path SOURCE = PROJECT.resolve("src/main/java/org/example/SparseRanks.java");
  private static final String VERSION = "0.1.0-SNAPSHOT";

  @TempDir private Path temporary;

  /** Links are taken away here: JUnit would warn of each that leads out of its folder. */
  @AfterEach
  void unlink() throws IOException {
    for (String folder : List.of("repository", "repository/ai")) {
      if (Files.isDirectory(temporary.resolve(folder))) {
        try (Stream<Path> children = Files.list(temporary.resolve(folder))) {
          for (Path child : children.filter(Files::isSymbolicLink).toList()) {
            Files.delete(child);
          }
        }
      }
    }
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void itBuildsAndItsTestsPass() throws IOException, InterruptedException {
    String mvn = System.getProperty("os.name", "").startsWith("Windows") ? "mvn.cmd" : "mvn";
    String path = System.getenv().getOrDefault("PATH", "");
    assumeTrue(
        Stream.of(path.split(File.pathSeparator, -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, mvn))),
        "skipped: no " + mvn + " on the PATH");
    Path project = temporary.resolve("sparse-ranks");
    copy(PROJECT, project);
    Path log = temporary.resolve("log");
    Process build =
        new ProcessBuilder(
                mvn,
                "-o",
                "-B",
                "-Dmaven.repo.local=" + repository(),
                "-DtrimStackTrace=false",
                "test")
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(build.waitFor(3, TimeUnit.MINUTES)).isTrue();
    assertThat(build.exitValue()).as("%s", Files.readString(log)).isZero();
    assertThat(log).content().contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0");
  }

  /** The page shows this very file, and promises its length. */
  @Test
  void thePageShowsIt() throws IOException {
    List<String> lines = Files.readAllLines(SOURCE);
    assertThat(lines).hasSizeLessThan(60);
    String record = String.join("\n", lines.subList(lines.indexOf("/**"), lines.size()));
    assertThat(ROOT.resolve("docs/pages/peft.md")).content().contains(record);
  }

  /** This machine's repository by links, with Kindred's modules as they were just compiled. */
  private Path repository() throws IOException {
    Path local =
        Path.of(
            System.getProperty(
                "localRepository", System.getProperty("user.home") + "/.m2/repository"));
    Path repository = temporary.resolve("repository");
    link(local, repository, "ai");
    link(local.resolve("ai"), repository.resolve("ai"), "kindred");
    Path own = repository.resolve("ai/kindred");
    install(own, "kindred-parent", ROOT.resolve("pom.xml"));
    for (String module : List.of("core", "peft")) {
      Path folder = ROOT.resolve(module);
      Path file = install(own, "kindred-" + module, folder.resolve("pom.xml"));
      jar(folder.resolve("target/classes"), file);
    }
    return repository;
  }

  private static void link(Path from, Path to, String except) throws IOException {
    Files.createDirectories(to);
    if (!Files.isDirectory(from)) {
      return;
    }
    try (Stream<Path> children = Files.list(from)) {
      for (Path child : children.toList()) {
        String name = String.valueOf(child.getFileName());
        if (!name.equals(except)) {
          Files.createSymbolicLink(to.resolve(name), child);
        }
      }
    }
  }

  /** Writes a module's pom; gives where its jar belongs. */
  private static Path install(Path own, String artifact, Path pom) throws IOException {
    Path folder = Files.createDirectories(own.resolve(artifact).resolve(VERSION));
    String file = String.format(Locale.ROOT, "%s-%s", artifact, VERSION);
    Files.copy(pom, folder.resolve(file + ".pom"));
    return folder.resolve(file + ".jar");
  }

  private static void jar(Path classes, Path file) throws IOException {
    try (Stream<Path> all = Files.walk(classes);
        OutputStream out = Files.newOutputStream(file);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Path path : all.filter(Files::isRegularFile).sorted().toList()) {
        jar.putNextEntry(new JarEntry(classes.relativize(path).toString().replace('\\', '/')));
        Files.copy(path, jar);
        jar.closeEntry();
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path relative = from.relativize(path);
        if (!relative.startsWith("target") && Files.isRegularFile(path)) {
          Path target = to.resolve(relative.toString());
          Files.createDirectories(target.getParent());
          Files.copy(path, target);
        }
      }
    }
  }
}
