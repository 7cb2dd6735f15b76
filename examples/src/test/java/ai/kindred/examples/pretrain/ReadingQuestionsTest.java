package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.data.world.Taste;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.pretrain.Document.Draft;
import ai.kindred.examples.pretrain.Document.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadingQuestionsTest {

  private static final Pattern CHOICE =
      Pattern.compile("\\?\nA\\. (.+)\nB\\. (.+)\nC\\. (.+)\nD\\. (.+)\nAnswer: (.+)");

  /** Every question with options in a text: four options and the answer. */
  private static List<List<String>> choices(String text) {
    List<List<String>> choices = new ArrayList<>();
    Matcher matcher = CHOICE.matcher(text);
    while (matcher.find()) {
      List<String> groups = new ArrayList<>();
      for (int g = 1; g <= 5; g++) {
        groups.add(matcher.group(g));
      }
      choices.add(groups);
    }
    return choices;
  }

  @Test
  void answersStandInTheTextBeforeThem() {
    SplittableRandom random = Key.of(1).random();
    int[] places = new int[4];
    for (int i = 0; i < 400; i++) {
      Draft draft = new Draft();
      ReadingQuestions.add(draft, random);
      String text = draft.as(Kind.READING).text();
      String shown = text.substring(0, text.indexOf("\n\nQuestion: "));
      for (List<String> choice : choices(text)) {
        List<String> options = choice.subList(0, 4);
        assertThat(options).doesNotHaveDuplicates().contains(choice.get(4));
        assertThat(shown).contains(" " + choice.get(4) + ".");
        places[options.indexOf(choice.get(4))]++;
      }
    }
    int all = Arrays.stream(places).sum();
    // Three standard errors of a share of about 900 are 0.043.
    for (int place : places) {
      assertThat(place / (double) all).isBetween(0.207, 0.293);
    }
  }

  @Test
  void questionsAboutATasteAreAnsweredByIt() {
    Taste taste = PretrainingText.WORLD.user(5).taste();
    TasteQuestions questions = new TasteQuestions(PretrainingText.WORLD);
    SplittableRandom random = Key.of(2).random();
    for (int i = 0; i < 300; i++) {
      Choice choice = questions.ask(taste, random);
      String right =
          switch (choice.question()) {
            case "Which genre does the user like most?" -> taste.favorite().label();
            case "Which genre does the user like second?" -> taste.second().label();
            case "Which genre does the user dislike?" -> taste.disliked().label();
            case "Which theme does the user like?" -> taste.theme().label();
            case "Who is the user's favorite director?" -> taste.director();
            default -> throw new AssertionError(choice.question());
          };
      assertThat(choice.answer()).isEqualTo(right);
      assertThat(choice.others().stream().filter(o -> !o.equals(right)).distinct())
          .hasSizeGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void aChoiceIsAskedWithOptionsOrWithout() {
    Choice choice = new Choice("Which?", "red", List.of("red", "blue", "green", "gold"));
    SplittableRandom random = Key.of(3).random();
    int without = 0;
    for (int i = 0; i < 300; i++) {
      Draft draft = new Draft();
      choice.add(draft, random);
      Document document = draft.as(Kind.READING);
      assertThat(document.pieces()).contains(new Document.Piece(" red", Draft.ANSWER));
      if (document.text().equals("Question: Which?\nAnswer: red")) {
        without++;
        continue;
      }
      List<String> asked = choices(document.text()).get(0);
      assertThat(asked.subList(0, 4)).containsExactlyInAnyOrder("red", "blue", "green", "gold");
    }
    assertThat(without).isBetween(120, 180);
  }
}
