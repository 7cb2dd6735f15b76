package ai.kindred.examples.suite;

import ai.kindred.examples.suite.MovieLens.Movie;
import ai.kindred.examples.suite.MovieLens.Rated;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** The films and users that instances of one half (training, held-out) may be made from. */
record Source(List<Movie> movies, List<List<Rated>> users) {

  Movie movie(SplittableRandom random) {
    return of(random, movies);
  }

  /**
   * A title of at least three words, drawn until it is as wanted. Shorter ones, such as "The
   * River", are everyday text, which could not be kept out of what a model is pretrained on.
   */
  String phrase(SplittableRandom random, Predicate<String> wanted) {
    while (true) {
      String name = movie(random).name();
      if (words(name).size() >= 3 && wanted.test(name)) {
        return name;
      }
    }
  }

  /** A word of a title, three letters or more, letters only. */
  String word(SplittableRandom random) {
    while (true) {
      String word = of(random, words(movie(random).name()));
      if (word.length() > 2 && word.chars().allMatch(Character::isLetter)) {
        return word;
      }
    }
  }

  /** n ratings of one user that follow each other, in order, drawn until they are as wanted. */
  List<Rated> ratings(SplittableRandom random, int n, Predicate<List<Rated>> wanted) {
    while (true) {
      List<Rated> user = of(random, users);
      if (user.size() >= n) {
        int start = random.nextInt(user.size() - n + 1);
        List<Rated> ratings = user.subList(start, start + n);
        if (wanted.test(ratings)) {
          return ratings;
        }
      }
    }
  }

  static <T> T of(SplittableRandom random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  static List<String> words(String text) {
    return List.of(text.split(" ", -1));
  }

  static <T> List<T> shuffled(SplittableRandom random, List<T> values) {
    List<T> result = new ArrayList<>(values);
    for (int i = result.size() - 1; i > 0; i--) {
      Collections.swap(result, i, random.nextInt(i + 1));
    }
    return result;
  }
}
