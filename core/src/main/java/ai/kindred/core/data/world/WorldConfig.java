package ai.kindred.core.data.world;

/**
 * The size and character of a made world.
 *
 * @param films size of the catalogue; at least four times a user's events, so that users choose
 * @param directors number of directors, 16 to 800
 * @param actors number of actors, 2 to 1,200
 * @param history events in a history, at least 0
 * @param future events after it, at least 1
 * @param drift share of users whose favourite genre changes during the history, 0 to 1
 * @param noise standard deviation of a rating around its expectation before rounding, in stars
 */
public record WorldConfig(
    int films, int directors, int actors, int history, int future, double drift, double noise) {

  private static final int MAX_FILMS = 1_000_000;

  public WorldConfig {
    check(history >= 0, "history", history, "at least 0");
    check(future >= 1, "future", future, "at least 1");
    check(films <= MAX_FILMS, "films", films, "at most 1,000,000");
    check(
        films >= 4L * ((long) history + future),
        "films",
        films,
        "at least four times history + future = " + ((long) history + future));
    check(directors >= 16 && directors <= Names.MAX_DIRECTORS, "directors", directors, "16 to 800");
    check(actors >= 2 && actors <= Names.MAX_ACTORS, "actors", actors, "2 to 1,200");
    check(drift >= 0 && drift <= 1, "drift", drift, "a share from 0 to 1");
    check(noise >= 0 && noise <= 5, "noise", noise, "0 to 5 stars");
  }

  /** 2,000 films, 96 directors, 160 actors, 50 past and 10 future events, 30 % drift, noise 0.5. */
  public static WorldConfig standard() {
    return new WorldConfig(2_000, 96, 160, 50, 10, 0.3, 0.5);
  }

  /** This world with other lengths of history and future. */
  public WorldConfig withEvents(int newHistory, int newFuture) {
    return new WorldConfig(films, directors, actors, newHistory, newFuture, drift, noise);
  }

  private static void check(boolean ok, String name, Object value, String want) {
    if (!ok) {
      throw new IllegalArgumentException("WorldConfig." + name + " is " + value + ", not " + want);
    }
  }
}
