package ai.kindred.core.data.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class QuestionsTest {

  private static final int USERS = 1_500;
  private static final World WORLD = World.of(Key.of(11), WorldConfig.standard());
  private static final Questions QUESTIONS = new Questions(WORLD);
  private static final TasteReader READER = new TasteReader(WORLD);

  // Standard error of a share of 1,500 at one in four.
  private static final double ERROR = Math.sqrt(0.25 * 0.75 / USERS);

  @Test
  void tasteReaderIsFarAboveChance() {
    assertThat(accuracy(QUESTIONS::nextFavorite, (q, u) -> READER.answer(q, u.taste())))
        .isGreaterThan(0.70);
    assertThat(accuracy(QUESTIONS::nextGenre, (q, u) -> READER.answer(q, u.taste())))
        .isGreaterThan(0.52);
    assertThat(accuracy(QUESTIONS::nextRating, (q, u) -> READER.answer(q, u.taste())))
        .isGreaterThan(0.55);
  }

  @Test
  void anotherUsersTasteIsNoHelp() {
    BiFunction<Question, User, Integer> shuffled =
        (q, u) -> READER.answer(q, WORLD.user(u.index() + 100_000).taste());

    assertThat(accuracy(QUESTIONS::nextGenre, shuffled)).isCloseTo(0.25, within(4 * ERROR));
    assertThat(accuracy(QUESTIONS::nextFavorite, shuffled)).isLessThan(0.36);
  }

  @Test
  void countingTheHistoryIsAboveChanceAndBelowTheTaste() {
    double counted = accuracy(QUESTIONS::nextFavorite, (q, u) -> best(q, counts(u.history(), q)));
    double genre = accuracy(QUESTIONS::nextGenre, (q, u) -> best(q, counts(u.history(), q)));

    assertThat(counted).isBetween(0.45, 0.80);
    assertThat(genre).isGreaterThan(0.40);
  }

  @Test
  void withoutHistoryNothingBeatsChance() {
    assertThat(accuracy(QUESTIONS::nextFavorite, (q, u) -> best(q, film -> -film)))
        .as("most popular film")
        .isCloseTo(0.25, within(5 * ERROR));
    assertThat(accuracy(QUESTIONS::nextGenre, (q, u) -> best(q, counts(List.of(), q))))
        .as("empty history")
        .isCloseTo(0.25, within(4 * ERROR));
    for (int i = 0; i < 4; i++) {
      int place = i;
      assertThat(accuracy(QUESTIONS::nextFavorite, (q, u) -> place))
          .as("place %d", place)
          .isCloseTo(0.25, within(4 * ERROR));
    }
  }

  @Test
  void noOptionOfTheNextFavoriteIsInTheHistoryAndOnlyTheRightOneIsInTheFuture() {
    for (long i = 0; i < 300; i++) {
      User user = WORLD.user(i);
      Question question = QUESTIONS.nextFavorite(user, Key.of(i));
      Set<Integer> history = films(user.history());
      Set<Integer> future = films(user.future());
      assertThat(question.options()).doesNotContainAnyElementsOf(history);
      assertThat(question.options().stream().filter(future::contains))
          .containsExactly(question.right());
      int most = user.future().stream().mapToInt(Rating::stars).max().orElseThrow();
      assertThat(user.future()).anyMatch(r -> r.film() == question.right() && r.stars() == most);
    }
  }

  @Test
  void ratingAsksAboutTheFutureAndFactsAboutTheFilm() {
    for (int i = 0; i < 200; i++) {
      User user = WORLD.user(i);
      Film film = WORLD.film(i);
      Question rating = QUESTIONS.nextRating(user, Key.of(i));
      assertThat(user.future())
          .anyMatch(r -> r.film() == rating.film() && r.stars() == rating.right());
      assertThat(QUESTIONS.filmYear(film, Key.of(i)).right()).isEqualTo(film.year());
      assertThat(Theme.at(QUESTIONS.filmTheme(film, Key.of(i)).right())).isEqualTo(film.theme());
      Question genre = QUESTIONS.filmGenre(film, Key.of(i));
      assertThat(genre.options().stream().map(Genre::at).filter(film.genres()::contains))
          .containsExactly(film.genre());
      Question director = QUESTIONS.filmDirector(film, Key.of(i));
      assertThat(director.options().stream().map(o -> WORLD.film(o).director()))
          .doesNotHaveDuplicates();
      assertThat(WORLD.film(director.right()).director()).isEqualTo(film.director());
    }
  }

  @Test
  void equalKeysAskEqualQuestions() {
    User user = WORLD.user(3);
    assertThat(QUESTIONS.nextFavorite(user, Key.of(5)))
        .isEqualTo(new Questions(WORLD).nextFavorite(user, Key.of(5)));
    Set<Question> asked = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      asked.add(QUESTIONS.nextFavorite(user, Key.of(i)));
    }
    assertThat(asked).hasSize(20);
  }

  @Test
  void factsAreNotReadFromATaste() {
    Question fact = QUESTIONS.filmYear(WORLD.film(0), Key.of(1));
    assertThatThrownBy(() -> READER.answer(fact, WORLD.user(0).taste()))
        .hasMessage("A taste does not answer FILM_YEAR; ask about a user");
    assertThatThrownBy(() -> new Question(Question.Kind.FILM_YEAR, 0, List.of(1, 2, 2, 3), 0))
        .hasMessage("A question has four different options, not [1, 2, 2, 3]");
  }

  private static double accuracy(
      BiFunction<User, Key, Question> ask, BiFunction<Question, User, Integer> answer) {
    int right = 0;
    for (int i = 0; i < USERS; i++) {
      User user = WORLD.user(i);
      Question question = ask.apply(user, Key.of(1).fold(i));
      right += answer.apply(question, user) == question.answer() ? 1 : 0;
    }
    return right / (double) USERS;
  }

  /** A naive log-odds count of genres, directors and themes seen, without any rating or taste. */
  private static IntToDoubleFunction counts(List<Rating> history, Question question) {
    Map<Genre, Integer> genres = new EnumMap<>(Genre.class);
    Map<String, Integer> directors = new HashMap<>();
    Map<Theme, Integer> themes = new EnumMap<>(Theme.class);
    for (Rating rating : history) {
      Film film = WORLD.film(rating.film());
      film.genres().forEach(g -> genres.merge(g, 1, Integer::sum));
      directors.merge(film.director(), 1, Integer::sum);
      themes.merge(film.theme(), 1, Integer::sum);
    }
    if (question.kind() == Question.Kind.NEXT_GENRE) {
      return genre -> genres.getOrDefault(Genre.at(genre), 0);
    }
    return index -> {
      Film film = WORLD.film(index);
      double score = 0.3 * directors.getOrDefault(film.director(), 0);
      for (Genre genre : film.genres()) {
        score += Math.log((1 + genres.getOrDefault(genre, 0)) / (1 + history.size() / 11.0));
      }
      return score
          + Math.log((1 + themes.getOrDefault(film.theme(), 0)) / (1 + history.size() / 16.0));
    };
  }

  private static int best(Question question, IntToDoubleFunction score) {
    int best = 0;
    for (int i = 1; i < 4; i++) {
      if (score.applyAsDouble(question.options().get(i))
          > score.applyAsDouble(question.options().get(best))) {
        best = i;
      }
    }
    return best;
  }

  private static Set<Integer> films(List<Rating> ratings) {
    Set<Integer> films = new HashSet<>();
    ratings.forEach(r -> films.add(r.film()));
    return films;
  }
}
