package ai.kindred.federated.data;

import ai.kindred.core.config.Names;
import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.network.Labelled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * MovieLens: stars that users gave to films. A user is a client; whether a film got four stars or
 * more is predicted from what is known about the film, so a client's own taste is its drift.
 *
 * @see <a href="https://doi.org/10.1145/2827872">Harper and Konstan, 2015</a>
 */
public final class MovieLens {

  private static final Pattern YEAR = Pattern.compile("\\((\\d{4})\\)\"?\\s*$");
  private static final int FIRST_DECADE = 1900;
  private static final int DECADES = 13;
  private static final int MOST_FEATURES = 1 << 16;
  private static final int MOST_GENRES = 1000;
  private static final long MOST_BYTES = 1L << 30;

  private MovieLens() {}

  private record Rating(String user, String film, boolean liked) {}

  private record Film(List<String> genres, int decade) {}

  /**
   * All ratings with the features of their films, [n, films + genres + decades]: which of the films
   * rated most, which genres, which decade.
   *
   * @param folder with {@code movies.csv} and {@code ratings.csv}
   * @param films how many of the films rated most have a feature of their own, 0 to 65536
   */
  public static FederatedData<Labelled> read(Path folder, int films) throws IOException {
    if (films < 0 || films > MOST_FEATURES) {
      throw new IllegalArgumentException("0 to %d films, not %d".formatted(MOST_FEATURES, films));
    }
    Map<String, Film> known = films(folder.resolve("movies.csv"));
    Path file = folder.resolve("ratings.csv");
    List<Rating> ratings = ratings(file, known);
    Map<String, Integer> own = mostRated(ratings, films);
    List<String> genres =
        List.copyOf(
            new TreeSet<>(known.values().stream().flatMap(f -> f.genres().stream()).toList()));
    int width = own.size() + genres.size() + DECADES;
    if ((long) width * ratings.size() > MOST_BYTES) {
      throw new MalformedFileException(
          file,
          "%d ratings of %d features do not fit %d bytes; ask for fewer films"
              .formatted(ratings.size(), width, MOST_BYTES));
    }
    ByteBuffer features = ByteBuffer.allocateDirect(width * ratings.size());
    int[] labels = new int[ratings.size()];
    List<String> users = new ArrayList<>();
    for (Rating r : ratings) {
      Film film = known.getOrDefault(r.film(), new Film(List.of(), 0));
      int row = users.size() * width;
      Integer one = own.get(r.film());
      if (one != null) {
        features.put(row + one, (byte) 1);
      }
      film.genres().forEach(g -> features.put(row + own.size() + genres.indexOf(g), (byte) 1));
      features.put(row + own.size() + genres.size() + film.decade(), (byte) 1);
      labels[users.size()] = r.liked() ? 1 : 0;
      users.add(r.user());
    }
    return new FederatedData<>(
        new Labelled(
            Tensor.of(features, DType.UINT8, ratings.size(), width), FederatedData.tensor(labels)),
        labels,
        List.of("fewer than 4 stars", "4 stars or more"),
        Partitions.natural(users));
  }

  private static Map<String, Integer> mostRated(List<Rating> ratings, int films) {
    Map<String, Integer> counts = new HashMap<>();
    ratings.forEach(r -> counts.merge(r.film(), 1, Integer::sum));
    ToIntFunction<Map.Entry<String, Integer>> count = Map.Entry::getValue;
    Map<String, Integer> places = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Comparator.comparingInt(count).reversed().thenComparing(Map.Entry::getKey))
        .limit(films)
        .forEach(e -> places.put(e.getKey(), places.size()));
    return places;
  }

  private static Map<String, Film> films(Path file) throws IOException {
    Map<String, Film> films = new HashMap<>();
    TreeSet<String> all = new TreeSet<>();
    for (String line : lines(file, "movieId,title,genres")) {
      int first = line.indexOf(',');
      int last = line.lastIndexOf(',');
      if (first < 0 || last <= first) {
        throw malformed(file, line, "movieId,title,genres");
      }
      Matcher year = YEAR.matcher(line.substring(first + 1, last));
      int decade = year.find() ? (Integer.parseInt(year.group(1)) - FIRST_DECADE) / 10 : 0;
      List<String> genres = List.of(line.substring(last + 1).split("\\|", -1));
      all.addAll(genres);
      films.put(
          line.substring(0, first), new Film(genres, Math.max(0, Math.min(DECADES - 1, decade))));
    }
    if (all.size() > MOST_GENRES) {
      throw new MalformedFileException(
          file, "it names %d genres; %d can be read".formatted(all.size(), MOST_GENRES));
    }
    return films;
  }

  private static List<Rating> ratings(Path file, Map<String, Film> films) throws IOException {
    List<Rating> ratings = new ArrayList<>();
    for (String line : lines(file, "userId,movieId,rating,timestamp")) {
      String[] fields = line.split(",", -1);
      double stars = fields.length == 4 ? stars(fields[2]) : Double.NaN;
      if (!(stars >= 0 && stars <= 5)) {
        throw malformed(file, line, "userId,movieId,rating,timestamp with a rating of 0 to 5");
      }
      if (!films.containsKey(fields[1])) {
        throw new MalformedFileException(
            file, "film %s is not in movies.csv".formatted(Names.printable(fields[1])));
      }
      ratings.add(new Rating(fields[0], fields[1], stars >= 4));
    }
    return ratings;
  }

  private static double stars(String field) {
    try {
      return Double.parseDouble(field);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The lines after the header, empty ones left out. */
  private static List<String> lines(Path file, String header) throws IOException {
    List<String> lines;
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      lines = reader.lines().filter(line -> !line.isBlank()).toList();
    } catch (UncheckedIOException e) {
      String reason =
          e.getCause() instanceof CharacterCodingException
              ? "it is not UTF-8 text"
              : "it cannot be read: " + e.getMessage();
      MalformedFileException damaged = new MalformedFileException(file, reason);
      damaged.initCause(e);
      throw damaged;
    }
    if (lines.size() < 2 || !lines.get(0).strip().equals(header)) {
      throw new MalformedFileException(
          file, "it should begin with the line %s and have lines after it".formatted(header));
    }
    return lines.subList(1, lines.size());
  }

  private static MalformedFileException malformed(Path file, String line, String right) {
    return new MalformedFileException(
        file, "a line is not %s: %s".formatted(right, Names.printable(line)));
  }
}
