package ai.kindred.core.data.world;

import ai.kindred.core.kernel.Key;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The latent taste of a made user: few enough facts to be said in a sentence or two, which makes
 * that text the best summary possible.
 *
 * @param favorite the genre liked most, {@value #FAVORITE_GENRE} stars
 * @param second the genre liked next, {@value #SECOND_GENRE} stars
 * @param disliked the genre avoided, minus {@value #DISLIKED_GENRE} stars
 * @param director the name of the favourite director, {@value #DIRECTOR} stars
 * @param theme the favourite theme, {@value #THEME} star
 * @param era the leaning to old or new films, {@value #ERA} stars
 * @param strictness how stars are used
 * @param drift the former favourite, for users whose taste changed on the way
 */
public record Taste(
    Genre favorite,
    Genre second,
    Genre disliked,
    String director,
    Theme theme,
    Era era,
    Strictness strictness,
    Optional<Drift> drift) {

  static final double FAVORITE_GENRE = 1.5;
  static final double SECOND_GENRE = 0.9;
  static final double DISLIKED_GENRE = 1.5;
  static final double DIRECTOR = 1.2;
  static final double THEME = 1.0;
  static final double ERA = 0.6;

  /**
   * A change of favourite genre.
   *
   * @param former the favourite genre before the change
   * @param event the first event of the history, from 0, at which the present favourite holds
   */
  public record Drift(Genre former, int event) {}

  /**
   * Draws a taste: genres, director, theme uniform (genres without repetition); era and strictness
   * uniform; a drift with the configured chance, at a uniform place in the middle 40 % of the
   * history.
   */
  static Taste draw(Key key, WorldConfig config) {
    SplittableRandom random = key.random();
    Genre[] genres = Draw.distinct(random, Genre.values(), 4).toArray(new Genre[0]);
    String director = Names.person(random.nextInt(config.directors()));
    Theme theme = Draw.of(random, Theme.values());
    Era era = Draw.of(random, Era.values());
    Strictness strictness = Draw.of(random, Strictness.values());
    boolean drifts = random.nextDouble() < config.drift();
    int event = (int) Math.round(config.history() * (0.3 + 0.4 * random.nextDouble()));
    return new Taste(
        genres[0],
        genres[1],
        genres[2],
        director,
        theme,
        era,
        strictness,
        drifts ? Optional.of(new Drift(genres[3], event)) : Optional.empty());
  }

  /** How much this user, as of now, likes a film beyond its quality, in stars around 0. */
  public double liking(Film film) {
    return liking(film, favorite);
  }

  /** The liking at the given event of the history, from 0, when a drift may not have happened. */
  public double liking(Film film, int event) {
    return liking(film, drift.filter(d -> event < d.event()).map(Drift::former).orElse(favorite));
  }

  private double liking(Film film, Genre best) {
    double liking = 0;
    for (Genre genre : film.genres()) {
      liking += genre == best ? FAVORITE_GENRE : 0;
      liking += genre == second ? SECOND_GENRE : 0;
      liking -= genre == disliked ? DISLIKED_GENRE : 0;
    }
    liking += film.director().equals(director) ? DIRECTOR : 0;
    liking += film.theme() == theme ? THEME : 0;
    liking += era.includes(film.year()) ? ERA : 0;
    return liking;
  }
}
