package ai.kindred.examples.suite;

import static ai.kindred.examples.suite.Recipe.pair;

import ai.kindred.examples.suite.Recipe.Pair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Transformations of text; the texts are film titles without their years. */
final class TextRecipes {

  private TextRecipes() {}

  static List<Recipe> all() {
    return List.of(
        new Recipe(
            "reverse_words",
            "Text Formatting",
            "Write the words in reverse order.",
            (source, random) -> {
              String text = source.phrase(random, t -> upTo(5, t));
              List<String> words = new ArrayList<>(Source.words(text));
              Collections.reverse(words);
              return pair(text, String.join(" ", words));
            }),
        new Recipe(
            "last_word",
            "Information Extraction",
            "Write the last word of the text.",
            (source, random) -> {
              String text = source.phrase(random, t -> true);
              return pair(text, text.substring(text.lastIndexOf(' ') + 1));
            }),
        new Recipe(
            "alphabetical_first",
            "Comparison",
            "Which of the words comes first in the alphabet?",
            (source, random) -> {
              List<String> words =
                  List.of(source.word(random), source.word(random), source.word(random));
              List<String> sorted = words.stream().sorted(String.CASE_INSENSITIVE_ORDER).toList();
              boolean clear =
                  sorted.stream().map(w -> w.toLowerCase(Locale.ROOT).charAt(0)).distinct().count()
                      == 3;
              return clear ? pair(String.join(", ", words), sorted.get(0)) : Optional.empty();
            }),
        new Recipe(
            "upper_case",
            "Text Formatting",
            "Write the text in capital letters.",
            (source, random) -> {
              String text = source.phrase(random, t -> upTo(5, t));
              return pair(text, text.toUpperCase(Locale.ROOT));
            }),
        new Recipe(
            "replace_word",
            "Text Editing",
            "Replace the first of the two words by the second in the text.",
            TextRecipes::replaceWord),
        new Recipe(
            "join_hyphen",
            "Text Formatting",
            "Join the words with hyphens.",
            (source, random) -> {
              String text = source.phrase(random, t -> t.indexOf('-') < 0);
              return pair(text, text.replace(' ', '-'));
            }),
        new Recipe(
            "initials",
            "Text Formatting",
            "Write the first letters of the words, without spaces.",
            (source, random) -> {
              String text = source.phrase(random, t -> true);
              String letters =
                  Source.words(text).stream()
                      .map(word -> word.substring(0, 1))
                      .collect(Collectors.joining());
              return letters.chars().allMatch(Character::isLetter)
                  ? pair(text, letters)
                  : Optional.empty();
            }),
        new Recipe(
            "count_words",
            "Count",
            "How many words does the text have? Write a number.",
            (source, random) -> {
              int words = 3 + random.nextInt(5);
              String text = source.phrase(random, t -> Source.words(t).size() == words);
              return pair(text, Integer.toString(words));
            }),
        new Recipe(
            "contains_word",
            "Question Answering",
            "Is the word in the text? Answer yes or no.",
            TextRecipes::containsWord));
  }

  private static Optional<Pair> replaceWord(Source source, SplittableRandom random) {
    String text = source.phrase(random, t -> upTo(5, t));
    List<String> words = Source.words(text);
    int place = random.nextInt(words.size());
    String old = words.get(place);
    String replacement = source.word(random);
    boolean fits =
        old.chars().allMatch(Character::isLetter)
            && Collections.frequency(words, old) == 1
            && !words.contains(replacement);
    if (!fits) {
      return Optional.empty();
    }
    List<String> replaced = new ArrayList<>(words);
    replaced.set(place, replacement);
    return pair(old + ", " + replacement + ": " + text, String.join(" ", replaced));
  }

  private static Optional<Pair> containsWord(Source source, SplittableRandom random) {
    String text = source.phrase(random, t -> true);
    List<String> words = Source.words(text);
    boolean yes = random.nextBoolean();
    String word = yes ? Source.of(random, words) : source.word(random);
    return words.contains(word) == yes
            && word.length() > 2
            && word.chars().allMatch(Character::isLetter)
        ? pair(word + "? " + text, yes ? "yes" : "no")
        : Optional.empty();
  }

  private static boolean upTo(int most, String text) {
    return Source.words(text).size() <= most;
  }
}
