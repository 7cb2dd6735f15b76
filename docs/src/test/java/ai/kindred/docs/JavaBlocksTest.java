package ai.kindred.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Java on the pages compiles. A block is the body of a method; its records and classes are local to
 * it. Kindred's packages and a few of Java's are imported. What a block uses and does not make, and
 * further imports, stand right before it: {@code <!-- given: import a.B; Tensor x; PackedBatch
 * packed(long step); -->}.
 */
class JavaBlocksTest {

  private static final List<String> IMPORTS =
      List.of(
          "java.io",
          "java.nio.file",
          "java.util",
          "ai.kindred.cli",
          "ai.kindred.core.config",
          "ai.kindred.core.data",
          "ai.kindred.core.io",
          "ai.kindred.core.kernel",
          "ai.kindred.core.lm",
          "ai.kindred.core.metrics",
          "ai.kindred.core.nn",
          "ai.kindred.core.report",
          "ai.kindred.core.train",
          "ai.kindred.core.workers",
          "ai.kindred.peft",
          "ai.kindred.tiny");

  @TempDir private Path classes;

  static Stream<Page.Block> blocks() {
    return Page.all().stream().flatMap(page -> page.blocks("java").stream());
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void compiles(Page.Block block) {
    assertThat(compile(block)).as("%s", block).isEmpty();
  }

  @Test
  void mistakesAreSeen() {
    Page.Block wrong =
        new Page.Block("page.md", "java", 7, "Tensor x;", "Tensor y = x.exp();\ny.exponential();");
    assertThat(compile(wrong)).contains("page.md:8", "exponential");
    Page.Block right = new Page.Block("page.md", "java", 7, "Tensor x;", "Tensor y = x.exp();");
    assertThat(compile(right)).isEmpty();
  }

  /** What the compiler says, or nothing. */
  private String compile(Page.Block block) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    String source = source(block);
    int before = (int) source.substring(0, source.indexOf(block.code())).lines().count();
    List<String> options =
        List.of(
            "-proc:none",
            "-d",
            classes.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-Xlint:-options");
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Block.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    StringBuilder errors = new StringBuilder();
    compiler
        .getTask(
            said,
            null,
            d -> {
              if (d.getKind() == javax.tools.Diagnostic.Kind.ERROR) {
                long line = d.getLineNumber() - before + block.line() - 1;
                errors.append("%s:%d: %s%n".formatted(block.page(), line, d.getMessage(null)));
              }
            },
            options,
            null,
            List.of(file))
        .call();
    return errors.toString();
  }

  private static String source(Page.Block block) {
    List<String> given =
        Stream.of(block.given().split("(?<=;)"))
            .map(String::strip)
            .filter(s -> !s.isEmpty())
            .toList();
    return Stream.concat(
                IMPORTS.stream().map(p -> "import " + p + ".*;"),
                given.stream().filter(s -> s.startsWith("import ")))
            .collect(Collectors.joining("\n"))
        + "\nabstract class Block {\n"
        + given.stream()
            .filter(s -> !s.startsWith("import "))
            .map(s -> s.endsWith(");") ? "abstract " + s : s)
            .collect(Collectors.joining("\n"))
        + "\nvoid block() throws Exception {\n"
        + block.code()
        + "\n}\n}\n";
  }
}
