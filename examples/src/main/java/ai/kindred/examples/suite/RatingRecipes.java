package ai.kindred.examples.suite;

import static ai.kindred.examples.suite.Recipe.pair;

import ai.kindred.examples.suite.MovieLens.Rated;
import ai.kindred.examples.suite.Recipe.Pair;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Tasks about real users' ratings, half a star to five. Labels are balanced where there are two.
 */
final class RatingRecipes {

  private static final double HIGH = 4.0;

  private RatingRecipes() {}

  static List<Recipe> all() {
    return List.of(
        new Recipe(
            "best_rated",
            "Comparison",
            "Which film did the user rate highest? Write its title.",
            RatingRecipes::bestRated),
        new Recipe(
            "best_genre",
            "Comparison",
            "Which genre got the highest rating? Write the genre.",
            (source, random) -> {
              List<Rated> ratings = source.ratings(random, 4, r -> genres(r).size() == 4);
              return best(ratings).flatMap(b -> pair(byGenre(ratings), genre(b)));
            }),
        new Recipe(
            "majority_sentiment",
            "Sentiment Analysis",
            "Ratings of 3.5 or more are positive, others negative. Are most of them positive or"
                + " negative?",
            (source, random) -> {
              boolean positive = random.nextBoolean();
              List<Rated> ratings =
                  source.ratings(random, 7, r -> (atLeast(r, 3.5) > 3) == positive);
              return pair(stars(ratings), positive ? "positive" : "negative");
            }),
        new Recipe(
            "count_high",
            "Count",
            "How many of the ratings are 4.0 or more? Write a number.",
            (source, random) -> {
              int high = random.nextInt(6);
              List<Rated> ratings = source.ratings(random, 5, r -> atLeast(r, HIGH) == high);
              return pair(stars(ratings), Integer.toString(high));
            }),
        new Recipe(
            "next_rating",
            "Preference Prediction",
            "From the user's ratings, guess the rating of the last genre: high (4.0 or more) or"
                + " low.",
            (source, random) -> {
              boolean high = random.nextBoolean();
              List<Rated> ratings =
                  source.ratings(random, 7, r -> (r.get(6).stars() >= HIGH) == high);
              return pair(
                  byGenre(ratings.subList(0, 6)) + "; " + genre(ratings.get(6)) + "?",
                  high ? "high" : "low");
            }));
  }

  private static Optional<Pair> bestRated(Source source, SplittableRandom random) {
    List<Rated> ratings = source.ratings(random, 3, r -> true);
    String input =
        ratings.stream()
            .map(r -> r.movie().name() + " " + number(r.stars()))
            .collect(Collectors.joining("; "));
    return best(ratings).flatMap(b -> pair(input, b.movie().name()));
  }

  /** The highest rating, if no other equals it. */
  private static Optional<Rated> best(List<Rated> ratings) {
    Rated best = ratings.stream().max(Comparator.comparingDouble(Rated::stars)).orElseThrow();
    return ratings.stream().filter(r -> r.stars() >= best.stars()).count() == 1
        ? Optional.of(best)
        : Optional.empty();
  }

  private static Set<String> genres(List<Rated> ratings) {
    return ratings.stream()
        .map(RatingRecipes::genre)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static long atLeast(List<Rated> ratings, double stars) {
    return ratings.stream().filter(r -> r.stars() >= stars).count();
  }

  private static String genre(Rated rated) {
    return rated.movie().genres().get(0);
  }

  private static String byGenre(List<Rated> ratings) {
    return ratings.stream()
        .map(r -> genre(r) + " " + number(r.stars()))
        .collect(Collectors.joining("; "));
  }

  private static String stars(List<Rated> ratings) {
    return ratings.stream().map(r -> number(r.stars())).collect(Collectors.joining(", "));
  }

  private static String number(double stars) {
    return String.format(Locale.ROOT, "%.1f", stars);
  }
}
