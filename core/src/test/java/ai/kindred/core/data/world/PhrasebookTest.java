package ai.kindred.core.data.world;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhrasebookTest {

  private static final World WORLD = World.of(Key.of(2), WorldConfig.standard());
  private static final Phrasebook PHRASES = new Phrasebook(WORLD);

  @Test
  void bestSummaryOfAPlainTaste() {
    Taste taste =
        new Taste(
            Genre.WAR,
            Genre.COMEDY,
            Genre.HORROR,
            "Ada Weber",
            Theme.LOSS,
            Era.RECENT,
            Strictness.STRICT,
            Optional.of(new Taste.Drift(Genre.WESTERN, 20)));

    assertThat(PHRASES.bestSummary(taste))
        .isEqualTo(
            "The user loves war films and also likes comedy. The user dislikes horror."
                + " The favorite director is Ada Weber. Stories about loss appeal most."
                + " Prefers recent films. Rates strictly. In the past the favorite was western.");
  }

  @Test
  void bestSummaryTellsTastesApart() {
    Map<String, Taste> seen = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      Taste taste = WORLD.user(i).taste();
      // The summary says what was, not when it ended: that no longer matters for the future.
      Taste timeless =
          new Taste(
              taste.favorite(),
              taste.second(),
              taste.disliked(),
              taste.director(),
              taste.theme(),
              taste.era(),
              taste.strictness(),
              taste.drift().map(d -> new Taste.Drift(d.former(), 0)));
      Taste other = seen.putIfAbsent(PHRASES.bestSummary(taste), timeless);
      assertThat(other == null || other.equals(timeless)).isTrue();
    }
  }

  @Test
  void everyPhrasingNamesEverythingInTheTaste() {
    User user = WORLD.user(1);
    Taste taste = user.taste();
    Set<String> phrasings = new HashSet<>();
    for (int i = 0; i < 300; i++) {
      String summary = PHRASES.summary(taste, Key.of(i));
      phrasings.add(summary);
      assertThat(summary)
          .contains(
              taste.favorite().label(),
              taste.second().label(),
              taste.disliked().label(),
              taste.director(),
              taste.theme().label());
      assertThat(summary.indexOf(taste.favorite().label()))
          .isLessThan(summary.indexOf(taste.second().label()));
    }
    assertThat(phrasings).hasSizeGreaterThan(200);
  }

  @Test
  void factsAreAllSaidAndNoQualityIs() {
    for (int i = 0; i < 300; i++) {
      Film film = WORLD.film(i);
      String facts = PHRASES.facts(film, Key.of(i));
      assertThat(facts)
          .contains(film.title(), String.valueOf(film.year()), film.director())
          .contains(film.actors())
          .contains(film.theme().label());
      film.genres().forEach(genre -> assertThat(facts).contains(genre.label()));
      assertThat(facts.toLowerCase(Locale.ROOT)).doesNotContain("quality", "null");
    }
  }

  @Test
  void historyAndQuestionAreLines() {
    Film film = WORLD.film(3);
    List<Rating> ratings = List.of(new Rating(3, 1, 0), new Rating(3, 4, 1));
    String name = film.title() + " (" + film.year() + ")";
    assertThat(PHRASES.history(ratings, Phrasebook.Detail.TITLE))
        .isEqualTo(name + ": 1 star\n" + name + ": 4 stars");

    Question year = new Question(Question.Kind.FILM_YEAR, 3, List.of(1960, 1999, 2001, 2020), 2);
    assertThat(PHRASES.question(year))
        .isEqualTo("When did " + film.title() + " come out?\nA. 1960\nB. 1999\nC. 2001\nD. 2020");
    assertThat(PHRASES.answer(year)).isEqualTo("C");
    assertThat(PHRASES.option(year, 3)).isEqualTo("2020");
  }
}
