package ai.kindred.examples.pretrain;

import static ai.kindred.examples.pretrain.Transformation.task;

import ai.kindred.examples.pretrain.Transformation.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Transformations of words and lists of words. */
final class WordTransformations {

  private static final List<String> ORDINALS = List.of("first", "second", "third", "fourth");

  private WordTransformations() {}

  static List<Transformation> all() {
    return List.of(
        task(
            r -> onTitle(r, t -> t),
            "Copy the text.",
            "Write the input again without any change.",
            "Repeat the text exactly."),
        task(
            r -> onTitle(r, t -> t + " " + t),
            "Write the text twice.",
            "Repeat the input two times with a space between."),
        task(
            r -> onTitle(r, t -> "[" + t + "]"),
            "Put the text in square brackets.",
            "Write the input between [ and ]."),
        task(
            r -> onTitle(r, t -> "\"" + t + "\""),
            "Put the text in quotes.",
            "Write the input between quotation marks."),
        task(
            r -> onTitle(r, t -> t + "!"),
            "Add an exclamation mark at the end.",
            "Write the text and then an exclamation mark."),
        task(
            r -> onList(r, " ", w -> w.get(0)),
            "Write the first word of the text.",
            "What is the first word?"),
        task(
            r -> onList(r, ", ", w -> w.get(1)),
            "Write the second item of the list.",
            "Which item comes second in the list?"),
        task(
            r -> onList(r, " ", w -> String.join(" ", w.subList(1, w.size()))),
            "Remove the first word.",
            "Write the text without its first word."),
        task(
            r -> onList(r, " ", w -> String.join(" ", w.subList(0, w.size() - 1))),
            "Remove the word at the end.",
            "Write all words but the final one."),
        task(
            r -> onList(r, ", ", WordTransformations::swapped),
            "Swap the first two items of the list.",
            "Exchange the first and the second item."),
        task(
            r ->
                onList(
                    r,
                    ", ",
                    w ->
                        w.get(w.size() - 1) + ", " + String.join(", ", w.subList(0, w.size() - 1))),
            "Move the final item of the list to the beginning.",
            "Take the item at the end and put it first."),
        task(
            r -> onList(r, ", ", w -> String.join(" and ", w)),
            "Write \"and\" between all items.",
            "Replace the commas by the word and."),
        task(
            r -> onList(r, " ", w -> "(" + String.join(") (", w) + ")"),
            "Put each word in brackets.",
            "Write every word in its own brackets."),
        task(
            WordTransformations::pick,
            "Write the item at the given position of the list.",
            "Which item has the number given at the front?"),
        task(
            WordTransformations::without,
            "Remove the given word from the list.",
            "Write the list without the word named first."),
        task(
            WordTransformations::after,
            "Which word follows the given word?",
            "Write the word that comes right after the one named first."),
        task(
            WordTransformations::oddOne,
            "Which item is in the first list but not in the second?",
            "Find the item that the second list lacks."),
        task(
            WordTransformations::starting,
            "Which word starts with the given letter?",
            "Find the word that begins with the letter."),
        task(
            WordTransformations::longer,
            "Which of the two words is longer?",
            "Write the word that has more letters."),
        task(
            r -> onWord(r, w -> w.substring(0, 1)),
            "Write the first letter of the word.",
            "With which letter does the word begin?"),
        task(
            r -> onWord(r, w -> String.join(" ", w.split("", -1)).strip()),
            "Spell the word.",
            "Write the letters of the word with spaces between."),
        task(
            r -> onWord(r, Lexicon::capital),
            "Start the word with a capital letter.",
            "Write the word with its first letter large."),
        task(
            WordTransformations::smallLetters,
            "Write the text in small letters.",
            "Change capital letters into small ones."),
        task(
            WordTransformations::same,
            "Are the two words the same? Answer same or different.",
            "Compare the words: same or different?"));
  }

  private static Pair onTitle(SplittableRandom random, UnaryOperator<String> change) {
    String title = Lexicon.title(random);
    return new Pair(title, change.apply(title));
  }

  private static Pair onWord(SplittableRandom random, UnaryOperator<String> change) {
    String word = Lexicon.word(random);
    return new Pair(word, change.apply(word));
  }

  private interface ListChange {
    String apply(List<String> words);
  }

  /** Three to six different words. */
  private static Pair onList(SplittableRandom random, String separator, ListChange change) {
    List<String> words = list(random);
    return new Pair(String.join(separator, words), change.apply(words));
  }

  private static List<String> list(SplittableRandom random) {
    return Lexicon.distinct(random, 3 + random.nextInt(4));
  }

  private static String swapped(List<String> words) {
    List<String> result = new ArrayList<>(words);
    Collections.swap(result, 0, 1);
    return String.join(", ", result);
  }

  private static Pair pick(SplittableRandom random) {
    List<String> words = Lexicon.distinct(random, 4);
    int place = random.nextInt(4);
    return new Pair(ORDINALS.get(place) + ": " + String.join(", ", words), words.get(place));
  }

  private static Pair without(SplittableRandom random) {
    List<String> words = list(random);
    List<String> left = new ArrayList<>(words);
    String gone = left.remove(random.nextInt(words.size()));
    return new Pair(gone + ": " + String.join(", ", words), String.join(", ", left));
  }

  private static Pair after(SplittableRandom random) {
    List<String> words = list(random);
    int place = random.nextInt(words.size() - 1);
    return new Pair(words.get(place) + ": " + String.join(" ", words), words.get(place + 1));
  }

  private static Pair oddOne(SplittableRandom random) {
    List<String> words = Lexicon.distinct(random, 3 + random.nextInt(2));
    List<String> rest = new ArrayList<>(Lexicon.shuffled(random, words));
    String odd = rest.remove(0);
    return new Pair(String.join(", ", words) + " | " + String.join(", ", rest), odd);
  }

  private static Pair starting(SplittableRandom random) {
    while (true) {
      List<String> words = list(random);
      String word = words.get(random.nextInt(words.size()));
      char letter = word.charAt(0);
      if (words.stream().filter(w -> w.charAt(0) == letter).count() == 1) {
        return new Pair(letter + ": " + String.join(", ", words), word);
      }
    }
  }

  private static Pair longer(SplittableRandom random) {
    while (true) {
      List<String> words = Lexicon.distinct(random, 2);
      int difference = words.get(0).length() - words.get(1).length();
      if (Math.abs(difference) > 1) {
        return new Pair(String.join(", ", words), words.get(difference > 0 ? 0 : 1));
      }
    }
  }

  private static Pair smallLetters(SplittableRandom random) {
    String title = Lexicon.title(random);
    String shown = random.nextBoolean() ? title : title.toUpperCase(Locale.ROOT);
    return new Pair(shown, title.toLowerCase(Locale.ROOT));
  }

  private static Pair same(SplittableRandom random) {
    List<String> words = Lexicon.distinct(random, 2);
    boolean same = random.nextBoolean();
    return new Pair(words.get(0) + ", " + words.get(same ? 0 : 1), same ? "same" : "different");
  }
}
