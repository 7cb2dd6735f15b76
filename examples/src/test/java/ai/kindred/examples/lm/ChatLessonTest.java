package ai.kindred.examples.lm;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatLessonTest {

  @TempDir private Path folder;

  private static String printed(Path model, String text) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    int live = Scope.live();
    try {
      ChatLesson.main(new String[] {model.toString(), text});
    } finally {
      System.setOut(before);
    }
    assertThat(Scope.live()).isEqualTo(live);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void runsOnAModelThatChats() throws IOException {
    assertThat(printed(Commands.model(folder.resolve("model")), "Hi"))
        .contains("tensors loaded: ", "or: ", "log P( yes) = -", "log P( perhaps) = -");
  }

  @Test
  void tellsAStory() throws IOException {
    assertThat(printed(Commands.stories(folder.resolve("stories")), "Once upon a time"))
        .contains("there was a");
  }
}
