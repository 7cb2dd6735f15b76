package ai.kindred.examples.suite;

import static ai.kindred.examples.suite.Recipe.pair;

import ai.kindred.examples.suite.MovieLens.Movie;
import ai.kindred.examples.suite.Recipe.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Tasks about titles, years and genres of films. */
final class FilmRecipes {

  private FilmRecipes() {}

  static List<Recipe> all() {
    return List.of(
        new Recipe(
            "title_year",
            "Information Extraction",
            "You are given a film with its year. Write the year.",
            (source, random) -> {
              Movie film = source.movie(random);
              return pair(film.dated(), Integer.toString(film.year()));
            }),
        new Recipe(
            "title_article",
            "Text Formatting",
            "The article of this film title stands at the end. Move it to the front.",
            (source, random) -> {
              Movie film = source.movie(random);
              return film.listed().contains(", " + Source.words(film.name()).get(0) + " (")
                  ? pair(film.listed(), film.dated())
                  : Optional.empty();
            }),
        new Recipe(
            "title_decade",
            "Information Extraction",
            "You are given a film with its year. Write its decade, such as 1980s.",
            (source, random) -> {
              Movie film = source.movie(random);
              return pair(film.dated(), film.year() / 10 + "0s");
            }),
        new Recipe(
            "common_genre",
            "Text Matching",
            "Write the one genre that both films have.",
            FilmRecipes::commonGenre),
        new Recipe(
            "count_genres",
            "Count",
            "How many genres does the film have? Write a number.",
            (source, random) -> {
              Movie film = source.movie(random);
              return pair(withGenres(film), Integer.toString(film.genres().size()));
            }),
        new Recipe(
            "sort_genres",
            "Text Formatting",
            "Write the genres of the film in alphabetical order.",
            (source, random) -> {
              Movie film = source.movie(random);
              List<String> shuffled = Source.shuffled(random, film.genres());
              List<String> sorted = film.genres().stream().sorted().toList();
              return sorted.size() >= 2 && sorted.size() <= 4 && !shuffled.equals(sorted)
                  ? pair(film.name() + ": " + list(shuffled), list(sorted))
                  : Optional.empty();
            }),
        new Recipe(
            "has_genre",
            "Question Answering",
            "Does the film have the genre asked for? Answer yes or no.",
            FilmRecipes::hasGenre),
        new Recipe(
            "newer_film",
            "Comparison",
            "Which of the two films is newer? Write it as it is given.",
            (source, random) -> {
              Movie first = source.movie(random);
              Movie second = source.movie(random);
              return first.year() == second.year()
                  ? Optional.empty()
                  : pair(
                      first.dated() + "; " + second.dated(),
                      (first.year() > second.year() ? first : second).dated());
            }));
  }

  private static Optional<Pair> commonGenre(Source source, SplittableRandom random) {
    Movie first = source.movie(random);
    Movie second = source.movie(random);
    List<String> common = new ArrayList<>(first.genres());
    common.retainAll(second.genres());
    boolean fits =
        !first.equals(second)
            && common.size() == 1
            && first.genres().size() + second.genres().size() >= 4
            && first.genres().size() <= 4
            && second.genres().size() <= 4;
    return fits
        ? pair(withGenres(first) + "; " + withGenres(second), common.get(0))
        : Optional.empty();
  }

  private static Optional<Pair> hasGenre(Source source, SplittableRandom random) {
    Movie film = source.movie(random);
    boolean yes = random.nextBoolean();
    // Asked from another film's genres, so that a genre's frequency does not give the answer away.
    String genre;
    do {
      genre = Source.of(random, source.movie(random).genres());
    } while (film.genres().contains(genre) != yes);
    return film.genres().size() <= 5
        ? pair(genre + "? " + withGenres(film), yes ? "yes" : "no")
        : Optional.empty();
  }

  private static String withGenres(Movie film) {
    return film.name() + ": " + list(film.genres());
  }

  private static String list(List<String> values) {
    return String.join(", ", values);
  }
}
