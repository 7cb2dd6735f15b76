package ai.kindred.examples.pretrain;

import static ai.kindred.examples.pretrain.Lexicon.any;
import static ai.kindred.examples.pretrain.Lexicon.article;
import static ai.kindred.examples.pretrain.Lexicon.capital;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A few simple sentences about one person, true to each other: who, where, what, how many. */
final class PlainSentences {

  private PlainSentences() {}

  static String text(SplittableRandom random) {
    String name = any(random, Lexicon.NAMES);
    boolean she = Lexicon.NAMES.indexOf(name) % 2 == 0;
    Person person = new Person(name, she ? "she" : "he", she ? "her" : "his");
    String place = any(random, Lexicon.PLACES);
    List<String> sentences = new ArrayList<>(List.of(opening(random, person, place)));
    int more = 1 + random.nextInt(5);
    for (int i = 0; i < more; i++) {
      sentences.add(next(random, person, place));
    }
    return String.join(" ", sentences);
  }

  private record Person(String name, String they, String their) {
    String they(SplittableRandom random) {
      return random.nextInt(3) == 0 ? name : capital(they);
    }
  }

  private static String opening(SplittableRandom random, Person person, String place) {
    String name = person.name();
    String job = article(any(random, Lexicon.JOBS));
    String day = any(random, Lexicon.DAYS);
    return switch (random.nextInt(5)) {
      case 0 -> "On %s %s went to the %s.".formatted(day, name, place);
      case 1 -> "%s is %s and works near the %s.".formatted(name, job, place);
      case 2 ->
          "Last %s %s walked from the %s to the %s."
              .formatted(day, name, any(random, Lexicon.PLACES), place);
      case 3 ->
          "%s lives in a %s house by the %s."
              .formatted(name, any(random, Lexicon.ADJECTIVES), place);
      default -> "There was once %s called %s at the %s.".formatted(job, name, place);
    };
  }

  private static String next(SplittableRandom random, Person person, String place) {
    String they = person.they(random);
    String thing = any(random, Lexicon.THINGS);
    String adjective = any(random, Lexicon.ADJECTIVES);
    String color = any(random, Lexicon.COLORS);
    String animal = any(random, Lexicon.ANIMALS);
    String other = any(random, Lexicon.NAMES);
    return switch (random.nextInt(12)) {
      case 0 ->
          "%s %s %s.".formatted(they, any(random, Lexicon.PAST), article(color + " " + thing));
      case 1 ->
          "The %s was %s, but the %s was %s."
              .formatted(thing, color, any(random, Lexicon.FOODS), adjective);
      case 2 -> counting(random, they, person.they());
      case 3 ->
          "%s saw %s and %s near the %s."
              .formatted(they, article(animal), article(any(random, Lexicon.ANIMALS)), place);
      case 4 ->
          "%s %s asked for %s %s, and %s gave it back."
              .formatted(capital(adjective), other, person.their(), thing, person.they());
      case 5 ->
          "\"Where is my %s?\" asked %s. \"It is in the %s,\" said %s."
              .formatted(thing, person.they(), any(random, Lexicon.PLACES), other);
      case 6 ->
          "At %d o'clock the %s closed and %s went home."
              .formatted(1 + random.nextInt(12), place, person.they());
      case 7 -> comparing(random);
      case 8 -> {
        List<String> foods = Lexicon.shuffled(random, Lexicon.FOODS);
        yield "%s likes %s more than %s.".formatted(they, foods.get(0), foods.get(1));
      }
      case 9 ->
          "Because it was %s, %s stayed at the %s with %s."
              .formatted(adjective, person.they(), place, other);
      case 10 ->
          "%s friend %s is %s."
              .formatted(capital(person.their()), other, article(any(random, Lexicon.JOBS)));
      default -> "The %s %s did not see the %s.".formatted(adjective, animal, thing);
    };
  }

  private static String counting(SplittableRandom random, String they, String again) {
    int had = 2 + random.nextInt(9);
    int change = 1 + random.nextInt(had - 1);
    String food = any(random, Lexicon.THINGS) + "s";
    return random.nextBoolean()
        ? "%s had %s %s, lost %s, and kept %s."
            .formatted(they, number(had), food, number(change), number(had - change))
        : "%s had %d %s, got %d more, and then %s had %d."
            .formatted(they, had, food, change, again, had + change);
  }

  private static String comparing(SplittableRandom random) {
    int first = 1 + random.nextInt(99);
    int second = 1 + random.nextInt(99);
    String than = first > second ? "more than" : first < second ? "less than" : "as much as";
    return "The number %d is %s %d.".formatted(first, than, second);
  }

  private static String number(int value) {
    return Lexicon.NUMBERS.get(value);
  }
}
