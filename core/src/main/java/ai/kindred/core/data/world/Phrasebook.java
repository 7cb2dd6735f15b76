package ai.kindred.core.data.world;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The made world in plain English. Methods with a key have several phrasings and draw one; those
 * without always say the same.
 */
public final class Phrasebook {

  /** How much of a film a history tells. */
  public enum Detail {
    /** {@code The Silent Harbor (1994): 4 stars}. */
    TITLE,
    /** {@code The Silent Harbor (1994; comedy, war; Ada Weber; loss): 4 stars}. */
    FACTS
  }

  private final World world;

  public Phrasebook(World world) {
    this.world = world;
  }

  /** The title and year, {@code The Silent Harbor (1994)}. */
  public String name(Film film) {
    return film.title() + " (" + film.year() + ")";
  }

  /** All facts of a film in one to four sentences. */
  public String facts(Film film, Key key) {
    SplittableRandom random = key.fold("facts").random();
    String genres = genres(film, " and ");
    String actors = String.join(" and ", film.actors());
    String theme = film.theme().label();
    return switch (random.nextInt(6)) {
      case 0 ->
          "%s is %s %s film from %d. It was directed by %s and stars %s. The story is about %s."
              .formatted(
                  film.title(),
                  article(genres),
                  genres,
                  film.year(),
                  film.director(),
                  actors,
                  theme);
      case 1 ->
          "In %d, %s directed %s, %s %s film about %s with %s."
              .formatted(
                  film.year(),
                  film.director(),
                  film.title(),
                  article(genres),
                  genres,
                  theme,
                  actors);
      case 2 ->
          "Title: %s\nYear: %d\nGenres: %s\nDirector: %s\nStars: %s\nTheme: %s"
              .formatted(
                  film.title(),
                  film.year(),
                  genres(film, ", "),
                  film.director(),
                  String.join(", ", film.actors()),
                  theme);
      case 3 ->
          "%s play the leads in %s (%d). %s made this %s film, which tells of %s."
              .formatted(actors, film.title(), film.year(), film.director(), genres, theme);
      case 4 ->
          "The film %s came out in %d. Its genre is %s. Its director is %s. Its theme is %s."
                  .formatted(film.title(), film.year(), genres, film.director(), theme)
              + " The leading actors are %s.".formatted(actors);
      default ->
          "%s: %s, %d, %s. Directed by %s, with %s."
              .formatted(
                  film.title(), genres(film, ", "), film.year(), theme, film.director(), actors);
    };
  }

  /** Ratings, one a line, in the order given. */
  public String history(List<Rating> ratings, Detail detail) {
    return ratings.stream().map(r -> line(r, detail)).collect(Collectors.joining("\n"));
  }

  /**
   * The best summary: all that a taste holds and nothing else, always in the same words. Nothing in
   * the world tells more about a user's future.
   */
  public String bestSummary(Taste taste) {
    return String.join(" ", said(taste, index -> 0));
  }

  /** The same content as {@link #bestSummary}, in drawn words; genres always come first. */
  public String summary(Taste taste, Key key) {
    SplittableRandom random = key.fold("summary").random();
    List<String> sentences = said(taste, random::nextInt);
    Draw.shuffle(random, sentences.subList(1, sentences.size()));
    return String.join(" ", sentences);
  }

  /**
   * The question and its options, lines {@code A. ...} to {@code D. ...}, without a closing line.
   */
  public String question(Question question) {
    StringBuilder text = new StringBuilder(asked(question));
    for (int i = 0; i < question.options().size(); i++) {
      text.append('\n').append(letter(i)).append(". ").append(option(question, i));
    }
    return text.toString();
  }

  /**
   * The letter of the right option, {@code A} to {@code D}. Small models know options by their
   * words, {@link #option}, better than by letters.
   */
  public String answer(Question question) {
    return letter(question.answer());
  }

  /** One option in words, without its letter. */
  public String option(Question question, int place) {
    int value = question.options().get(place);
    return switch (question.kind()) {
      case NEXT_FAVORITE -> line(world.film(value), Detail.FACTS);
      case NEXT_GENRE, FILM_GENRE -> Genre.at(value).label();
      case NEXT_RATING -> stars(value);
      case FILM_YEAR -> Integer.toString(value);
      case FILM_THEME -> Theme.at(value).label();
      case FILM_DIRECTOR -> world.film(value).director();
    };
  }

  private String asked(Question question) {
    return switch (question.kind()) {
      case NEXT_FAVORITE -> "Which of these films will the user like most?";
      case NEXT_GENRE -> "Which genre will the user's next favorite film have?";
      case NEXT_RATING ->
          "How many stars will the user give to %s?"
              .formatted(line(world.film(question.film()), Detail.FACTS));
      case FILM_GENRE -> "What is the genre of %s?".formatted(world.film(question.film()).title());
      case FILM_YEAR -> "When did %s come out?".formatted(world.film(question.film()).title());
      case FILM_THEME -> "What is %s about?".formatted(world.film(question.film()).title());
      case FILM_DIRECTOR -> "Who directed %s?".formatted(world.film(question.film()).title());
    };
  }

  private interface Choice {
    int below(int bound);
  }

  private static List<String> said(Taste taste, Choice choice) {
    List<String> sentences = new ArrayList<>();
    String first = taste.favorite().label();
    String second = taste.second().label();
    sentences.add(
        switch (choice.below(3)) {
          case 0 -> "The user loves %s films and also likes %s.".formatted(first, second);
          case 1 -> "A fan of %s above all, with %s next.".formatted(first, second);
          default -> "Most of all this user enjoys %s, then %s.".formatted(first, second);
        });
    String disliked = taste.disliked().label();
    sentences.add(
        switch (choice.below(3)) {
          case 0 -> "The user dislikes %s.".formatted(disliked);
          case 1 -> "Stays away from %s films.".formatted(disliked);
          default -> "Has little patience for %s.".formatted(disliked);
        });
    sentences.add(
        switch (choice.below(3)) {
          case 0 -> "The favorite director is %s.".formatted(taste.director());
          case 1 -> "Films by %s are always welcome.".formatted(taste.director());
          default -> "Admires %s as a director.".formatted(taste.director());
        });
    String theme = taste.theme().label();
    sentences.add(
        switch (choice.below(3)) {
          case 0 -> "Stories about %s appeal most.".formatted(theme);
          case 1 -> "Likes films that deal with %s.".formatted(theme);
          default -> "A story of %s is a plus.".formatted(theme);
        });
    if (taste.era() != Era.ANY) {
      boolean old = taste.era() == Era.CLASSIC;
      sentences.add(
          choice.below(2) == 0
              ? "Prefers %s films.".formatted(old ? "old" : "recent")
              : (old ? "Older classics are preferred." : "Newer films are preferred."));
    }
    int phrasing = choice.below(2);
    sentences.add(
        switch (taste.strictness()) {
          case STRICT -> phrasing == 0 ? "Rates strictly." : "Gives few stars.";
          case BALANCED -> phrasing == 0 ? "Rates evenly." : "Uses the stars in a balanced way.";
          case GENEROUS -> phrasing == 0 ? "Rates generously." : "Gives stars freely.";
        });
    taste
        .drift()
        .ifPresent(
            drift ->
                sentences.add(
                    choice.below(2) == 0
                        ? "In the past the favorite was %s.".formatted(drift.former().label())
                        : "Used to love %s, but no longer.".formatted(drift.former().label())));
    return sentences;
  }

  private String line(Rating rating, Detail detail) {
    return line(world.film(rating.film()), detail) + ": " + stars(rating.stars());
  }

  private String line(Film film, Detail detail) {
    return switch (detail) {
      case TITLE -> name(film);
      case FACTS ->
          "%s (%d; %s; %s; %s)"
              .formatted(
                  film.title(),
                  film.year(),
                  genres(film, ", "),
                  film.director(),
                  film.theme().label());
    };
  }

  private static String genres(Film film, String separator) {
    return film.genres().stream().map(Genre::label).collect(Collectors.joining(separator));
  }

  private static String stars(int stars) {
    return stars == 1 ? "1 star" : stars + " stars";
  }

  private static String letter(int place) {
    return String.valueOf((char) ('A' + place));
  }

  private static String article(String noun) {
    return "aeiou".indexOf(noun.charAt(0)) >= 0 ? "an" : "a";
  }
}
