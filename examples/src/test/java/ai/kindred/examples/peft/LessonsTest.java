package ai.kindred.examples.peft;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Scope;
import ai.kindred.tiny.KindredTiny;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LessonsTest {

  private interface Main {
    void run(String[] args) throws IOException;
  }

  @TempDir private Path folder;

  private String printed(Main lesson) throws IOException {
    KindredTiny.folder();
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    int live = Scope.live();
    try {
      lesson.run(new String[] {folder.resolve("adapter").toString()});
    } finally {
      System.setOut(before);
    }
    assertThat(Scope.live()).isEqualTo(live);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void lora() throws IOException {
    String learnt = "Is a plum sweet?";
    assertThat(printed(LoraLesson::main).lines())
        .hasSize(5)
        .satisfies(lines -> assertThat(lines.get(0)).startsWith("before: ").doesNotContain(learnt))
        .contains("after:  " + learnt, "loaded: " + learnt, "merged: " + learnt);
    assertThat(folder.resolve("adapter/adapter_config.json")).content().contains("\"LORA\"");
  }

  @Test
  void mixtureOfDyadicExperts() throws IOException {
    assertThat(printed(MixtureOfDyadicExpertsLesson::main).lines())
        .hasSize(8)
        .contains(
            "after: Is a plum sweet?",
            "after: Oh lovely plum!",
            "loaded: Is a plum sweet?",
            "loaded: Oh lovely plum!")
        .doesNotContain("before: Is a plum sweet?", "before: Oh lovely plum!")
        .element(7)
        .asString()
        .matches("model\\.layers\\.0\\..* 1: \\[(0\\.\\d+(, )?|\\d\\.\\d+E-\\d+(, )?){4}]");
    assertThat(folder.resolve("adapter/adapter_config.json")).content().contains("\"MODE\"");
  }
}
