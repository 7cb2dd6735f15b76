package ai.kindred.core.data.world;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Films and users, generated. Everything is a pure function of the key, the config and an index;
 * only the catalogue of films is kept.
 *
 * <pre>{@code
 * World world = World.of(Key.of(1), WorldConfig.standard());
 * User user = world.user(123_456);
 * Film last = world.film(user.history().get(49).film());
 * }</pre>
 *
 * <p><b>Films.</b> Main genre uniform; a second, different genre with chance 0.5; with chance 0.75
 * the director is one of the main genre's own (director d belongs to genre d mod 16), else any; two
 * different actors, theme and year (1950 to 2024) uniform; quality normal, deviation 0.4.
 *
 * <p><b>Users.</b> At each event a user is shown {@value #OFFERS} unseen films by popularity (film
 * i in proportion to about 1/sqrt(i)) and takes one by Luce's rule, with weight exp(liking +
 * quality). Stars are 2.4 + strictness + 0.8 (liking + quality) + noise, rounded and clipped to 1
 * to 5. First events fall uniformly in 2015 and 2016; waiting times are exponential, 3 days on
 * average.
 */
public final class World {

  static final int OFFERS = 6;

  private static final int DIRECTORS_PER_GENRE_STEP = Genre.values().length;
  private static final long START = 1_420_070_400L; // 2015-01-01
  private static final long DAY = 86_400L;
  private static final double CENTER = 2.4;
  private static final double SLOPE = 0.8;

  private final Key key;
  private final WorldConfig config;
  private final List<Film> films;

  private World(Key key, WorldConfig config) {
    this.key = key;
    this.config = config;
    Key filmKey = key.fold("films");
    List<Film> catalogue = new ArrayList<>(config.films());
    for (int i = 0; i < config.films(); i++) {
      catalogue.add(draw(filmKey.fold(i), i, config));
    }
    this.films = List.copyOf(catalogue);
  }

  /** The world of a key. Equal keys and configs give equal worlds. */
  public static World of(Key key, WorldConfig config) {
    return new World(key, config);
  }

  public WorldConfig config() {
    return config;
  }

  /** The whole catalogue; a film's place is its index. */
  public List<Film> films() {
    return films;
  }

  /**
   * A film of the catalogue.
   *
   * @throws IllegalArgumentException if there is no such film
   */
  public Film film(int index) {
    if (index < 0 || index >= films.size()) {
      throw new IllegalArgumentException(
          "There is no film " + index + ": this world has films 0 to " + (films.size() - 1));
    }
    return films.get(index);
  }

  /**
   * A user, generated anew at each call.
   *
   * @param index any non-negative number
   */
  public User user(long index) {
    if (index < 0) {
      throw new IllegalArgumentException("User index is " + index + ", not 0 or more");
    }
    Key userKey = key.fold("users").fold(index);
    Taste taste = Taste.draw(userKey.fold("taste"), config);
    int events = config.history() + config.future();
    List<Rating> ratings = new ArrayList<>(events);
    Set<Integer> seen = new HashSet<>();
    long time = START + userKey.fold("start").random().nextLong(2 * 365 * DAY);
    for (int event = 0; event < events; event++) {
      // A stream an event: nothing before the cut depends on what comes after it.
      SplittableRandom random = userKey.fold("event").fold(event).random();
      Film film = choose(random, taste, event, seen);
      seen.add(film.index());
      time += (long) Math.ceil(-Math.log(1 - random.nextDouble()) * 3 * DAY) + 1;
      ratings.add(new Rating(film.index(), stars(random, taste, film, event), time));
    }
    return new User(
        index,
        taste,
        ratings.subList(0, config.history()),
        ratings.subList(config.history(), events));
  }

  /** An unseen film by popularity: density about 1/sqrt(index). */
  Film offer(SplittableRandom random, Set<Integer> seen) {
    while (true) {
      double u = random.nextDouble();
      int index = (int) (films.size() * u * u);
      if (!seen.contains(index)) {
        return films.get(index);
      }
    }
  }

  /** Stars expected of a film for a taste before noise and rounding, not knowing its quality. */
  static double expectedStars(Taste taste, Film film) {
    return CENTER + taste.strictness().shift() + SLOPE * taste.liking(film);
  }

  private Film choose(SplittableRandom random, Taste taste, int event, Set<Integer> seen) {
    List<Film> offers = new ArrayList<>(OFFERS);
    double[] weights = new double[OFFERS];
    double sum = 0;
    for (int i = 0; i < OFFERS; i++) {
      Film film = offer(random, seen);
      offers.add(film);
      weights[i] = Math.exp(taste.liking(film, event) + film.quality());
      sum += weights[i];
    }
    double left = random.nextDouble() * sum;
    int chosen = 0;
    while (chosen < OFFERS - 1 && left >= weights[chosen]) {
      left -= weights[chosen++];
    }
    return offers.get(chosen);
  }

  private int stars(SplittableRandom random, Taste taste, Film film, int event) {
    double liking = taste.liking(film, event) + film.quality();
    double mean = CENTER + taste.strictness().shift() + SLOPE * liking;
    long stars = Math.round(mean + config.noise() * Draw.gaussian(random));
    return (int) Math.max(1, Math.min(5, stars));
  }

  private static Film draw(Key key, int index, WorldConfig config) {
    SplittableRandom random = key.random();
    List<Genre> genres = Draw.distinct(random, Genre.values(), random.nextBoolean() ? 1 : 2);
    int director = random.nextInt(config.directors());
    if (random.nextDouble() < 0.75) {
      int main = genres.get(0).number();
      int own = (config.directors() - main - 1) / DIRECTORS_PER_GENRE_STEP + 1;
      director = main + DIRECTORS_PER_GENRE_STEP * random.nextInt(own);
    }
    int first = random.nextInt(config.actors());
    int second = (first + 1 + random.nextInt(config.actors() - 1)) % config.actors();
    return new Film(
        index,
        Names.title(index),
        1950 + random.nextInt(75),
        genres,
        Names.person(director),
        List.of(Names.actor(first), Names.actor(second)),
        Draw.of(random, Theme.values()),
        0.4 * Draw.gaussian(random));
  }
}
