package ai.kindred.examples.pretrain;

import static ai.kindred.examples.pretrain.Transformation.task;

import ai.kindred.core.data.world.Film;
import ai.kindred.core.data.world.Genre;
import ai.kindred.core.data.world.Phrasebook;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.pretrain.Transformation.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Transformations of numbers and sentences, and questions about made films. */
final class OtherTransformations {

  private static final List<String> PRAISE =
      List.of("good", "great", "lovely", "wonderful", "fine");
  private static final List<String> BLAME = List.of("bad", "dull", "terrible", "awful", "boring");
  private static final Phrasebook PHRASES = new Phrasebook(PretrainingText.WORLD);

  private OtherTransformations() {}

  static List<Transformation> all() {
    return List.of(
        task(
            r -> onNumbers(r, n -> String.valueOf(Collections.max(n))),
            "Write the largest number.",
            "Which number is the greatest?"),
        task(
            r -> onNumbers(r, n -> String.valueOf(Collections.min(n))),
            "Write the smallest number.",
            "Which of the numbers is the least?"),
        task(
            r -> onNumbers(r, n -> joined(n.stream().sorted().toList())),
            "Sort the numbers, smallest first.",
            "Put the numbers in rising order."),
        task(OtherTransformations::sum, "Add the numbers.", "What is the sum?"),
        task(
            OtherTransformations::following,
            "Write the number that follows.",
            "Which number comes next when counting?"),
        task(
            OtherTransformations::even,
            "Is the number even or odd?",
            "Answer even or odd for the number."),
        task(OtherTransformations::asWord, "Write the number as a word.", "Spell out the number."),
        task(
            OtherTransformations::asNumber,
            "Write the word as a number in digits.",
            "Which number does the word mean?"),
        task(
            OtherTransformations::opinion,
            "Does the speaker like it? Answer like or dislike.",
            "Read the opinion and answer like or dislike."),
        task(
            OtherTransformations::kind,
            "Is it an animal, a food, or a place?",
            "Sort the word: animal, food or place."),
        task(
            OtherTransformations::owner,
            "Who has the thing asked for?",
            "Write the name of its owner."),
        task(
            OtherTransformations::name,
            "Write the first name before the family name.",
            "The family name is given first. Put it at the end."),
        task(
            r -> onFilm(r, Film::director),
            "Write the name of the director.",
            "Who directed the film? Read and answer."),
        task(
            r -> onFilm(r, f -> f.theme().label()),
            "What is the film about? Write its theme.",
            "Read about the film and write its theme."),
        task(
            r -> onFilm(r, f -> String.join(" and ", f.actors())),
            "Who are the leading actors?",
            "Write the names of the two actors."),
        task(
            r -> onFilm(r, f -> genres(f)),
            "Write the genres that the text names.",
            "Of which kind is this film? Write all its genres."));
  }

  private interface OnNumbers {
    String apply(List<Integer> numbers);
  }

  private static Pair onNumbers(SplittableRandom random, OnNumbers change) {
    List<Integer> numbers = new ArrayList<>();
    int size = 2 + random.nextInt(4);
    int below = random.nextBoolean() ? 10 : 100;
    while (numbers.size() < size) {
      int number = random.nextInt(below);
      if (!numbers.contains(number)) {
        numbers.add(number);
      }
    }
    return new Pair(joined(numbers), change.apply(numbers));
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static Pair sum(SplittableRandom random) {
    int first = random.nextInt(20);
    int second = random.nextInt(20);
    return new Pair(first + " + " + second, String.valueOf(first + second));
  }

  private static Pair following(SplittableRandom random) {
    int number = random.nextInt(2_100);
    return new Pair(String.valueOf(number), String.valueOf(number + 1));
  }

  private static Pair even(SplittableRandom random) {
    int number = random.nextInt(1_000);
    return new Pair(String.valueOf(number), number % 2 == 0 ? "even" : "odd");
  }

  private static Pair asWord(SplittableRandom random) {
    int number = random.nextInt(Lexicon.NUMBERS.size());
    return new Pair(String.valueOf(number), Lexicon.NUMBERS.get(number));
  }

  private static Pair asNumber(SplittableRandom random) {
    int number = random.nextInt(Lexicon.NUMBERS.size());
    return new Pair(Lexicon.NUMBERS.get(number), String.valueOf(number));
  }

  private static Pair opinion(SplittableRandom random) {
    boolean likes = random.nextBoolean();
    String word = Lexicon.any(random, likes ? PRAISE : BLAME);
    String thing = Lexicon.noun(random);
    String text =
        switch (random.nextInt(3)) {
          case 0 -> "The " + thing + " was " + word + ".";
          case 1 -> "What " + Lexicon.article(word) + " " + thing + "!";
          default -> "I found the " + thing + " " + word + ".";
        };
    return new Pair(text, likes ? "like" : "dislike");
  }

  private static Pair kind(SplittableRandom random) {
    return switch (random.nextInt(3)) {
      case 0 -> new Pair(Lexicon.any(random, Lexicon.ANIMALS), "animal");
      case 1 -> new Pair(Lexicon.any(random, Lexicon.FOODS), "food");
      default -> new Pair(Lexicon.any(random, Lexicon.PLACES), "place");
    };
  }

  private static Pair owner(SplittableRandom random) {
    List<String> names = Lexicon.shuffled(random, Lexicon.NAMES).subList(0, 3);
    List<String> things = Lexicon.shuffled(random, Lexicon.THINGS).subList(0, 3);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      text.append(names.get(i)).append(" has the ").append(things.get(i)).append(". ");
    }
    int asked = random.nextInt(3);
    return new Pair(text + "Who has the " + things.get(asked) + "?", names.get(asked));
  }

  private static Pair name(SplittableRandom random) {
    String first = Lexicon.any(random, Lexicon.NAMES);
    String family = Lexicon.capital(Lexicon.invented(random));
    return new Pair(family + ", " + first, first + " " + family);
  }

  private static Pair onFilm(SplittableRandom random, Function<Film, String> fact) {
    Film film = PretrainingText.WORLD.film(random.nextInt(PretrainingText.WORLD.films().size()));
    String text = PHRASES.facts(film, new Key(random.nextLong()));
    return new Pair(text.replace('\n', ' '), fact.apply(film));
  }

  private static String genres(Film film) {
    return film.genres().stream().map(Genre::label).collect(Collectors.joining(", "));
  }
}
