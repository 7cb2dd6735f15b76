package ai.kindred.core.data.world;

import java.util.List;

/**
 * A question with four options, as symbols; {@link Phrasebook} says it in English.
 *
 * @param kind what is asked
 * @param film the film asked about, or -1 where the question is about a user alone
 * @param options four different values; what they number depends on the kind
 * @param answer the place of the right option, 0 to 3; uniform over places
 */
public record Question(Kind kind, int film, List<Integer> options, int answer) {

  /** What is asked, and what the options number. */
  public enum Kind {
    /** Which film will the user rate highest next? Options are films. */
    NEXT_FAVORITE,
    /**
     * Of which main genre is the film that the user will rate highest next? {@link Genre} numbers.
     */
    NEXT_GENRE,
    /** How many stars will the user give the film? Options are stars. */
    NEXT_RATING,
    /** Which main genre has the film? {@link Genre} numbers. */
    FILM_GENRE,
    /** In which year did the film come out? Years. */
    FILM_YEAR,
    /** What is the film about? {@link Theme} numbers. */
    FILM_THEME,
    /** Who directed the film? Films, each standing for its director. */
    FILM_DIRECTOR;

    /** Whether the answer lies in a user's future (else in the film's facts). */
    public boolean aboutUser() {
      return this == NEXT_FAVORITE || this == NEXT_GENRE || this == NEXT_RATING;
    }
  }

  public Question {
    options = List.copyOf(options);
    if (options.size() != 4 || options.stream().distinct().count() != 4) {
      throw new IllegalArgumentException("A question has four different options, not " + options);
    }
    if (answer < 0 || answer > 3) {
      throw new IllegalArgumentException("Question.answer is " + answer + ", not 0 to 3");
    }
  }

  /** The right option's value. */
  public int right() {
    return options.get(answer);
  }
}
