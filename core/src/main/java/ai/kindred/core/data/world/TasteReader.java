package ai.kindred.core.data.world;

import java.util.function.IntToDoubleFunction;

/**
 * Answers questions about a user from the latent taste and the films' facts: what a perfect reader
 * of the best summary can know. No summary is expected to beat it by more than chance.
 */
public final class TasteReader {

  private final World world;

  public TasteReader(World world) {
    this.world = world;
  }

  /**
   * The place of the most likely option, 0 to 3; the first among equals.
   *
   * @throws IllegalArgumentException if the question is about a film's facts, not about a user
   */
  public int answer(Question question, Taste taste) {
    return switch (question.kind()) {
      case NEXT_FAVORITE -> best(question, film -> taste.liking(world.film(film)));
      case NEXT_GENRE -> best(question, genre -> weight(taste, Genre.at(genre)));
      case NEXT_RATING -> {
        double expected = World.expectedStars(taste, world.film(question.film()));
        yield best(question, stars -> -Math.abs(stars - Math.max(1, Math.min(5, expected))));
      }
      case FILM_GENRE, FILM_YEAR, FILM_THEME, FILM_DIRECTOR ->
          throw new IllegalArgumentException(
              "A taste does not answer " + question.kind() + "; ask about a user");
    };
  }

  private static double weight(Taste taste, Genre genre) {
    if (genre == taste.favorite()) {
      return Taste.FAVORITE_GENRE;
    }
    if (genre == taste.second()) {
      return Taste.SECOND_GENRE;
    }
    return genre == taste.disliked() ? -Taste.DISLIKED_GENRE : 0;
  }

  private static int best(Question question, IntToDoubleFunction score) {
    int best = 0;
    for (int i = 1; i < question.options().size(); i++) {
      if (score.applyAsDouble(question.options().get(i))
          > score.applyAsDouble(question.options().get(best))) {
        best = i;
      }
    }
    return best;
  }
}
