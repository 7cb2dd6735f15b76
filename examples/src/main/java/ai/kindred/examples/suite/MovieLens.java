package ai.kindred.examples.suite;

import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The bundled part of MovieLens Latest Small: films with a plain title, and each user's ratings of
 * them.
 *
 * @param movies films in the file's order
 * @param users each user's ratings, oldest first
 */
record MovieLens(List<Movie> movies, List<List<Rated>> users) {

  /**
   * A film.
   *
   * @param listed the title as listed, {@code Matrix, The (1999)}
   * @param name the title as spoken, {@code The Matrix}
   * @param year the year
   * @param genres at least one
   */
  record Movie(String listed, String name, int year, List<String> genres) {
    /** The spoken title with its year, {@code The Matrix (1999)}. */
    String dated() {
      return name + " (" + year + ")";
    }
  }

  /** A user's rating of a film, 0.5 to 5 stars in halves. */
  record Rated(Movie movie, double stars) {}

  private record Timed(Rated rated, long time, int movie) {}

  private static final Pattern LINE = Pattern.compile("(\\d+),(?:\"([^\"]*)\"|([^,\"]*)),([^,]+)");
  // Plain titles only: no second title in brackets, no accents, of moderate length.
  private static final Pattern TITLE =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9 ,.:'!?&-]{0,38}) \\(([12]\\d{3})\\)");
  private static final Pattern UNTIDY = Pattern.compile(" {2}| ,| $");
  private static final Pattern ARTICLE = Pattern.compile("(.+), (The|A|An)");

  static MovieLens load() {
    Map<Integer, Movie> movies = new TreeMap<>();
    Set<String> names = new HashSet<>();
    for (String line : lines("movies.csv.gz")) {
      Matcher fields = LINE.matcher(line);
      if (!fields.matches()) {
        continue; // titles with quotes in them
      }
      String listed = fields.group(2) != null ? fields.group(2) : fields.group(3);
      Matcher title = TITLE.matcher(listed);
      String genres = fields.group(4);
      if (!title.matches() || UNTIDY.matcher(title.group(1)).find() || genres.startsWith("(")) {
        continue;
      }
      Matcher article = ARTICLE.matcher(title.group(1));
      String name = article.matches() ? article.group(2) + " " + article.group(1) : title.group(1);
      if (names.add(name)) {
        movies.put(
            Integer.parseInt(fields.group(1)),
            new Movie(
                listed, name, Integer.parseInt(title.group(2)), List.of(genres.split("\\|", -1))));
      }
    }
    return new MovieLens(List.copyOf(movies.values()), users(movies));
  }

  private static List<List<Rated>> users(Map<Integer, Movie> movies) {
    Map<Integer, List<Timed>> users = new TreeMap<>();
    for (String line : lines("ratings.csv.gz")) {
      String[] fields = line.split(",", -1);
      int id = Integer.parseInt(fields[1]);
      Movie movie = movies.get(id);
      if (movie != null) {
        users
            .computeIfAbsent(Integer.parseInt(fields[0]), user -> new ArrayList<>())
            .add(
                new Timed(
                    new Rated(movie, Double.parseDouble(fields[2])),
                    Long.parseLong(fields[3]),
                    id));
      }
    }
    return users.values().stream().map(MovieLens::inOrder).toList();
  }

  private static List<Rated> inOrder(List<Timed> ratings) {
    return ratings.stream()
        .sorted(Comparator.comparingLong(Timed::time).thenComparingInt(Timed::movie))
        .map(Timed::rated)
        .toList();
  }

  /** The lines after the header. */
  private static List<String> lines(String name) {
    try (InputStream raw = MovieLens.class.getResourceAsStream("movielens/" + name)) {
      if (raw == null) {
        throw new FileNotFoundException("The bundled file movielens/" + name + " is missing");
      }
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(raw), StandardCharsets.UTF_8));
      return reader.lines().skip(1).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
