package ai.kindred.examples.pretrain;

import ai.kindred.examples.pretrain.Document.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One to three people described in short sentences, and questions about them in the form of those
 * about films. Nothing here can be known beforehand, so only reading helps.
 */
final class ReadingQuestions {

  private ReadingQuestions() {}

  private record Person(
      String name, String job, String likes, String dislikes, String thing, String place) {

    String text(SplittableRandom random) {
      List<String> sentences =
          List.of(
              "%s likes %s.".formatted(name, likes),
              "%s dislikes %s.".formatted(name, dislikes),
              "%s has %s.".formatted(name, Lexicon.article(thing)),
              "%s lives near the %s.".formatted(name, place));
      String said = String.join(" ", Lexicon.shuffled(random, sentences));
      return "%s is %s. %s".formatted(name, Lexicon.article(job), said);
    }

    Choice ask(SplittableRandom random) {
      return switch (random.nextInt(5)) {
        case 0 -> new Choice("What is %s?".formatted(name), job, Lexicon.JOBS);
        case 1 -> new Choice("What does %s like?".formatted(name), likes, foods());
        case 2 -> new Choice("What does %s dislike?".formatted(name), dislikes, foods());
        case 3 -> new Choice("What does %s have?".formatted(name), thing, Lexicon.THINGS);
        default -> new Choice("Where does %s live?".formatted(name), place, Lexicon.PLACES);
      };
    }

    /** What the person likes and dislikes comes up often: one is the other's likeliest mistake. */
    private List<String> foods() {
      List<String> foods = new ArrayList<>(Lexicon.FOODS);
      for (int i = 0; i < foods.size() / 2; i += 2) {
        foods.add(likes);
        foods.add(dislikes);
      }
      return foods;
    }
  }

  static void add(Draft draft, SplittableRandom random) {
    int size = 1 + random.nextInt(3);
    List<Person> people = new ArrayList<>();
    for (String name : Lexicon.shuffled(random, Lexicon.NAMES).subList(0, size)) {
      Person person = person(name, random);
      people.add(person);
      draft.paragraph().say(person.text(random));
    }
    int asked = 3 + random.nextInt(4);
    for (int i = 0; i < asked; i++) {
      people.get(random.nextInt(size)).ask(random).add(draft, random);
    }
  }

  private static Person person(String name, SplittableRandom random) {
    List<String> foods = Lexicon.shuffled(random, Lexicon.FOODS);
    return new Person(
        name,
        Lexicon.any(random, Lexicon.JOBS),
        foods.get(0),
        foods.get(1),
        Lexicon.any(random, Lexicon.THINGS),
        Lexicon.any(random, Lexicon.PLACES));
  }
}
