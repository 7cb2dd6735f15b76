package ai.kindred.core.data.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WorldTest {

  private static final World WORLD = World.of(Key.of(7), WorldConfig.standard());

  @Test
  void equalKeysGiveEqualWorldsAndOthersDiffer() {
    World again = World.of(Key.of(7), WorldConfig.standard());
    World other = World.of(Key.of(8), WorldConfig.standard());

    assertThat(again.films()).isEqualTo(WORLD.films());
    assertThat(again.user(999_999)).isEqualTo(WORLD.user(999_999));
    assertThat(other.films()).isNotEqualTo(WORLD.films());
    assertThat(other.user(999_999)).isNotEqualTo(WORLD.user(999_999));
  }

  @Test
  void userDoesNotDependOnThoseMadeBefore() {
    User last = World.of(Key.of(7), WorldConfig.standard()).user(5_000_000_000L);
    LongStream.range(0, 20).forEach(WORLD::user);

    assertThat(WORLD.user(5_000_000_000L)).isEqualTo(last);
  }

  @Test
  void historyDoesNotDependOnTheFuture() {
    World longer = World.of(Key.of(7), WorldConfig.standard().withEvents(50, 60));

    for (long i = 0; i < 50; i++) {
      assertThat(longer.user(i).history()).isEqualTo(WORLD.user(i).history());
      assertThat(longer.user(i).taste()).isEqualTo(WORLD.user(i).taste());
    }
  }

  @Test
  void eventsAreInOrderNeverRepeatAndFitTheConfig() {
    for (long i = 0; i < 200; i++) {
      User user = WORLD.user(i);
      assertThat(user.history()).hasSize(50);
      assertThat(user.future()).hasSize(10);
      Set<Integer> films = new HashSet<>();
      long time = Long.MIN_VALUE;
      for (Rating rating : concat(user)) {
        assertThat(films.add(rating.film())).isTrue();
        assertThat(rating.stars()).isBetween(1, 5);
        assertThat(rating.time()).isGreaterThan(time);
        time = rating.time();
      }
    }
  }

  @Test
  void titlesAndNamesAreUniqueAndDirectorsDoNotAct() {
    World large = World.of(Key.of(1), new WorldConfig(40_000, 800, 1_200, 50, 10, 0.3, 0.5));

    assertThat(large.films().stream().map(Film::title).distinct()).hasSize(40_000);
    Set<String> directors = new HashSet<>();
    Set<String> actors = new HashSet<>();
    for (Film film : large.films()) {
      directors.add(film.director());
      actors.addAll(film.actors());
      assertThat(film.actors()).doesNotHaveDuplicates().hasSize(2);
      assertThat(film.genres()).doesNotHaveDuplicates().hasSizeBetween(1, 2);
    }
    assertThat(directors).hasSize(800);
    assertThat(actors).hasSize(1_200).doesNotContainAnyElementsOf(directors);
  }

  @Test
  void distributionsAreAsDocumented() {
    List<Film> films =
        World.of(Key.of(3), new WorldConfig(20_000, 96, 160, 50, 10, 0.3, 0.5)).films();
    double two = films.stream().filter(f -> f.genres().size() == 2).count() / 20_000.0;
    double horror = films.stream().filter(f -> f.genre() == Genre.HORROR).count() / 20_000.0;
    double variance = films.stream().mapToDouble(f -> f.quality() * f.quality()).sum() / 20_000;

    // Standard errors: 0.0035, 0.0017, 0.0016.
    assertThat(two).isCloseTo(0.5, within(0.015));
    assertThat(horror).isCloseTo(1.0 / 16, within(0.008));
    assertThat(variance).isCloseTo(0.16, within(0.008));
  }

  @Test
  void popularFilmsAreSeenMoreAndEveryStarOccurs() {
    int popular = 0;
    int[] stars = new int[6];
    for (long i = 0; i < 1_000; i++) {
      for (Rating rating : WORLD.user(i).history()) {
        popular += rating.film() < 500 ? 1 : 0;
        stars[rating.stars()]++;
      }
    }
    // A quarter of the catalogue is offered with chance sqrt(1/4); the chosen follow the offers.
    assertThat(popular / 50_000.0).isCloseTo(0.5, within(0.05));
    for (int s = 1; s <= 5; s++) {
      assertThat(stars[s] / 50_000.0).as("share of %d stars", s).isGreaterThan(0.04);
    }
  }

  @Test
  void driftMovesTheFavoriteGenre() {
    int before = 0;
    int after = 0;
    int drifted = 0;
    for (long i = 0; i < 600; i++) {
      User user = WORLD.user(i);
      if (user.taste().drift().isEmpty()) {
        continue;
      }
      drifted++;
      Taste.Drift drift = user.taste().drift().get();
      assertThat(drift.event()).isBetween(15, 35);
      for (int e = 0; e < 50; e++) {
        if (WORLD.film(user.history().get(e).film()).genres().contains(drift.former())) {
          before += e < drift.event() ? 1 : 0;
          after += e >= drift.event() ? 1 : 0;
        }
      }
    }
    assertThat(drifted / 600.0).isCloseTo(0.3, within(0.08));
    assertThat(before).isGreaterThan(2 * after);
  }

  @Test
  void badArgumentsAreNamed() {
    assertThatThrownBy(() -> WORLD.film(2_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no film 2000: this world has films 0 to 1999");
    assertThatThrownBy(() -> WORLD.user(-1)).hasMessage("User index is -1, not 0 or more");
    assertThatThrownBy(() -> new WorldConfig(100, 96, 160, 50, 10, 0.3, 0.5))
        .hasMessage("WorldConfig.films is 100, not at least four times history + future = 60");
    assertThatThrownBy(() -> new WorldConfig(2_000, 96, 160, 50, 10, Double.NaN, 0.5))
        .hasMessage("WorldConfig.drift is NaN, not a share from 0 to 1");
  }

  private static List<Rating> concat(User user) {
    return java.util.stream.Stream.concat(user.history().stream(), user.future().stream()).toList();
  }
}
