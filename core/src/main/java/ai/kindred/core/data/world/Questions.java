package ai.kindred.core.data.world;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToIntFunction;

/**
 * Four-way questions about users' futures and about films. Wrong options are drawn as the right one
 * could have been, so that without the history (or the fact) nothing beats one in four: films by
 * popularity among those that the user neither saw nor will see, genres and stars uniformly.
 */
public final class Questions {

  private final World world;

  public Questions(World world) {
    this.world = world;
  }

  /** Which film will the user rate highest among the next? The first of the best rated is right. */
  public Question nextFavorite(User user, Key key) {
    Set<Integer> known = new HashSet<>();
    user.history().forEach(r -> known.add(r.film()));
    user.future().forEach(r -> known.add(r.film()));
    return ask(
        Question.Kind.NEXT_FAVORITE,
        -1,
        favorite(user),
        key,
        random -> world.offer(random, known).index());
  }

  /** Which main genre will that film have? No wrong option is the film's second genre. */
  public Question nextGenre(User user, Key key) {
    return genre(Question.Kind.NEXT_GENRE, -1, world.film(favorite(user)), key);
  }

  /** How many stars will the user give a film of the future, drawn uniformly? */
  public Question nextRating(User user, Key key) {
    Rating rating = Draw.of(key.fold("film").random(), user.future());
    return ask(
        Question.Kind.NEXT_RATING,
        rating.film(),
        rating.stars(),
        key,
        random -> 1 + random.nextInt(5));
  }

  /** Which main genre has the film? */
  public Question filmGenre(Film film, Key key) {
    return genre(Question.Kind.FILM_GENRE, film.index(), film, key);
  }

  /** In which year did the film come out? */
  public Question filmYear(Film film, Key key) {
    return ask(Question.Kind.FILM_YEAR, film.index(), film.year(), key, r -> 1950 + r.nextInt(75));
  }

  /** What is the film about? */
  public Question filmTheme(Film film, Key key) {
    int themes = Theme.values().length;
    return ask(
        Question.Kind.FILM_THEME, film.index(), film.theme().number(), key, r -> r.nextInt(themes));
  }

  /** Who directed the film? Wrong directors are those of films by popularity. */
  public Question filmDirector(Film film, Key key) {
    Set<String> named = new HashSet<>(Set.of(film.director()));
    return ask(
        Question.Kind.FILM_DIRECTOR,
        film.index(),
        film.index(),
        key,
        random -> {
          Film other = world.offer(random, Set.of());
          return named.add(other.director()) ? other.index() : film.index();
        });
  }

  private static int favorite(User user) {
    Rating best = user.future().get(0);
    for (Rating rating : user.future()) {
      best = rating.stars() > best.stars() ? rating : best;
    }
    return best.film();
  }

  private static Question genre(Question.Kind kind, int asked, Film film, Key key) {
    int genres = Genre.values().length;
    return ask(
        kind,
        asked,
        film.genre().number(),
        key,
        random -> {
          int other = random.nextInt(genres);
          return film.genres().contains(Genre.at(other)) ? film.genre().number() : other;
        });
  }

  /** Draws wrong options until there are three new ones, then shuffles. */
  private static Question ask(
      Question.Kind kind, int film, int right, Key key, ToIntFunction<SplittableRandom> wrong) {
    SplittableRandom random = key.fold(kind.name()).random();
    Set<Integer> options = new LinkedHashSet<>(Set.of(right));
    while (options.size() < 4) {
      options.add(wrong.applyAsInt(random));
    }
    List<Integer> shuffled = new ArrayList<>(options);
    Draw.shuffle(random, shuffled);
    return new Question(kind, film, shuffled, shuffled.indexOf(right));
  }
}
