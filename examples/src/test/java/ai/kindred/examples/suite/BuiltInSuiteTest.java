package ai.kindred.examples.suite;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class BuiltInSuiteTest {

  private static final BuiltInSuite SUITE = BuiltInSuite.make();

  /** A rule that computes the answer from the input text alone, written apart from the recipes. */
  private interface Rule {
    String answer(String input);
  }

  private static final Map<String, Rule> RULES = rules();

  @Test
  void isAlwaysTheSame() {
    assertThat(BuiltInSuite.make()).isEqualTo(SUITE);
  }

  @Test
  void hasManyTasksOfManyKinds() {
    assertThat(SUITE.tasks()).hasSizeGreaterThanOrEqualTo(14);
    assertThat(SUITE.tasks().stream().map(t -> t.categories().get(0)).distinct())
        .hasSizeGreaterThanOrEqualTo(8);
    for (InstructionTask task : SUITE.tasks()) {
      assertThat(SUITE.splits().train(task)).hasSize(400);
      assertThat(SUITE.splits().validation(task)).hasSize(40);
      assertThat(SUITE.splits().heldOut(task)).hasSize(80);
      assertThat(task.positiveExamples()).hasSize(2);
      assertThat(task.instances().stream().map(i -> squeeze(i.input()))).doesNotHaveDuplicates();
    }
  }

  @Test
  void inputsAreShortButNoSingleWords() {
    for (InstructionTask task : SUITE.tasks()) {
      for (Instance instance : task.instances()) {
        // Words and numbers; a small tokenizer takes two to three tokens for each.
        assertThat(squeeze(instance.input()).split(" ", -1).length)
            .as(instance.input())
            .isBetween(2, 32);
        assertThat(instance.target()).isNotBlank().hasSizeLessThan(60);
        assertThat(instance.input()).isPrintable();
      }
    }
  }

  @TestFactory
  List<DynamicTest> everyAnswerFollowsFromItsInput() {
    List<DynamicTest> tests = new ArrayList<>();
    for (InstructionTask task : SUITE.tasks()) {
      String kind = task.name().substring("suite00_".length());
      if (kind.equals("next_rating")) {
        continue; // what the user really did: no rule gives it
      }
      tests.add(
          DynamicTest.dynamicTest(
              kind,
              () -> {
                Rule rule = RULES.get(kind);
                assertThat(rule).isNotNull();
                for (Instance instance : task.instances()) {
                  assertThat(instance.outputs())
                      .as(instance.input())
                      .containsExactly(rule == null ? "" : rule.answer(instance.input()));
                }
                task.positiveExamples()
                    .forEach(
                        e ->
                            assertThat(e.output())
                                .isEqualTo(rule == null ? "" : rule.answer(e.input())));
              }));
    }
    return tests;
  }

  @Test
  void heldOutFilmsAreInNoTrainingInstanceOfAnyTask() {
    Set<String> trained = new HashSet<>();
    Set<String> heldOut = new HashSet<>();
    Pattern dated = Pattern.compile("[^;]+? \\(\\d{4}\\)");
    for (InstructionTask task : SUITE.tasks()) {
      for (Instance instance : task.instances()) {
        Matcher title = dated.matcher(instance.input());
        while (title.find()) {
          Set<String> films = instance.id().contains("-heldout-") ? heldOut : trained;
          films.add(title.group().strip());
        }
      }
    }
    assertThat(heldOut).hasSizeGreaterThan(200).doesNotContainAnyElementsOf(trained);
  }

  @Test
  void noAnswerIsRightFarTooOften() {
    for (InstructionTask task : SUITE.tasks()) {
      Map<String, Integer> counts = new HashMap<>();
      task.instances().forEach(i -> counts.merge(i.target(), 1, Integer::sum));
      assertThat(Collections.max(counts.values()) / (double) task.instances().size())
          .as(task.name())
          .isLessThan(0.55);
    }
  }

  @Test
  void nextRatingIsWhatAUserOfThatPartDid() {
    BuiltInSuite.Parts parts = BuiltInSuite.Parts.make();
    InstructionTask task = task("next_rating");
    assertThat(windows(parts.heldOut())).containsAll(shown(SUITE.splits().heldOut(task)));
    assertThat(windows(parts.train())).containsAll(shown(SUITE.splits().train(task)));
  }

  private static List<String> shown(List<Instance> instances) {
    return instances.stream().map(i -> i.input() + " " + i.target()).toList();
  }

  /** Every seven ratings in a row, written as the task writes them. */
  private static Set<String> windows(Source source) {
    Set<String> windows = new HashSet<>();
    for (List<MovieLens.Rated> user : source.users()) {
      for (int end = 7; end <= user.size(); end++) {
        StringBuilder text = new StringBuilder();
        for (MovieLens.Rated rated : user.subList(end - 7, end - 1)) {
          text.append(rated.movie().genres().get(0)).append(' ').append(rated.stars()).append("; ");
        }
        MovieLens.Rated next = user.get(end - 1);
        text.append(next.movie().genres().get(0)).append(next.stars() >= 4 ? "? high" : "? low");
        windows.add(text.toString());
      }
    }
    return windows;
  }

  @Test
  void theLicenceLiesBesideTheData() throws IOException {
    try (InputStream readme = BuiltInSuite.class.getResourceAsStream("movielens/README.txt")) {
      assertThat(readme).isNotNull();
      String text = readme == null ? "" : new String(readme.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text).contains("same license conditions", "GroupLens Research Group");
    }
  }

  @Test
  void moviesAreReadAsListed() {
    MovieLens data = MovieLens.load();
    assertThat(data.movies())
        .contains(
            new MovieLens.Movie(
                "Toy Story (1995)",
                "Toy Story",
                1995,
                List.of("Adventure", "Animation", "Children", "Comedy", "Fantasy")),
            new MovieLens.Movie(
                "American President, The (1995)",
                "The American President",
                1995,
                List.of("Comedy", "Drama", "Romance")));
    assertThat(data.movies()).hasSizeBetween(6_000, 9_742);
    assertThat(data.users()).hasSize(610);
    assertThat(data.users().get(0))
        .contains(
            new MovieLens.Rated(
                data.movies().stream()
                    .filter(m -> m.listed().equals("Toy Story (1995)"))
                    .findFirst()
                    .orElseThrow(),
                4.0));
  }

  private static InstructionTask task(String kind) {
    return SUITE.tasks().stream().filter(t -> t.name().endsWith(kind)).findFirst().orElseThrow();
  }

  private static String squeeze(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ").strip();
  }

  private static Map<String, Rule> rules() {
    Map<String, Rule> rules = new HashMap<>();
    rules.put("title_year", in -> group(in, "\\((\\d+)\\)$"));
    rules.put("title_decade", in -> group(in, "\\((\\d\\d\\d)\\d\\)$") + "0s");
    rules.put("title_article", in -> in.replaceAll("^(.*), (The|A|An) (\\(\\d+\\))$", "$2 $1 $3"));
    rules.put(
        "common_genre",
        in -> {
          String[] films = in.split("; ", -1);
          Set<String> common = new TreeSet<>(genres(films[0]));
          common.retainAll(genres(films[1]));
          return String.join(" and ", common);
        });
    rules.put("count_genres", in -> String.valueOf(genres(in).size()));
    rules.put("sort_genres", in -> String.join(", ", new TreeSet<>(genres(in))));
    rules.put(
        "has_genre", in -> genres(in).contains(in.substring(0, in.indexOf('?'))) ? "yes" : "no");
    rules.put(
        "newer_film",
        in -> {
          String[] films = in.split("; ", -1);
          return year(films[0]) > year(films[1]) ? films[0] : films[1];
        });
    rules.put("best_rated", BuiltInSuiteTest::highest);
    rules.put("best_genre", BuiltInSuiteTest::highest);
    rules.put("majority_sentiment", in -> atLeast(in, 3.5) >= 4 ? "positive" : "negative");
    rules.put("count_high", in -> String.valueOf(atLeast(in, 4)));
    rules.put(
        "reverse_words",
        in -> {
          StringBuilder out = new StringBuilder();
          for (String word : in.split(" ", -1)) {
            out.insert(0, word + " ");
          }
          return out.toString().strip();
        });
    rules.put("last_word", in -> group(in, "(\\S+)$"));
    rules.put(
        "alphabetical_first",
        in ->
            Collections.min(Arrays.asList(in.split(", ", -1)), (a, b) -> a.compareToIgnoreCase(b)));
    rules.put("upper_case", in -> in.toUpperCase(Locale.ROOT));
    rules.put(
        "replace_word",
        in -> {
          Matcher m = Pattern.compile("^(\\S+), (\\S+): (.*)$").matcher(in);
          assertThat(m.matches()).isTrue();
          return (" " + m.group(3) + " ")
              .replace(" " + m.group(1) + " ", " " + m.group(2) + " ")
              .strip();
        });
    rules.put("join_hyphen", in -> String.join("-", in.split(" ", -1)));
    rules.put("initials", in -> in.replaceAll("(\\S)\\S*( |$)", "$1"));
    rules.put("count_words", in -> String.valueOf(1 + in.replaceAll("[^ ]", "").length()));
    rules.put(
        "contains_word",
        in -> {
          String[] parts = in.split("\\? ", 2);
          return (" " + parts[1] + " ").contains(" " + parts[0] + " ") ? "yes" : "no";
        });
    return rules;
  }

  private static String group(String in, String pattern) {
    Matcher m = Pattern.compile(pattern).matcher(in);
    assertThat(m.find()).as("%s in %s", pattern, in).isTrue();
    return m.group(1);
  }

  private static Set<String> genres(String film) {
    return new HashSet<>(Arrays.asList(film.substring(film.lastIndexOf(": ") + 2).split(", ", -1)));
  }

  private static int year(String dated) {
    return Integer.parseInt(group(dated, "\\((\\d+)\\)$"));
  }

  private static long atLeast(String in, double stars) {
    return Arrays.stream(in.split(", ", -1)).filter(s -> Double.parseDouble(s) >= stars).count();
  }

  private static String highest(String in) {
    String best = "";
    double most = 0;
    for (String part : in.split("; ", -1)) {
      double stars = Double.parseDouble(part.substring(part.lastIndexOf(' ') + 1));
      if (stars > most) {
        most = stars;
        best = part.substring(0, part.lastIndexOf(' '));
      }
    }
    return best;
  }
}
