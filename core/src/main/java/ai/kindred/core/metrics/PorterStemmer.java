package ai.kindred.core.metrics;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The Porter stemmer with NLTK's extensions, which rouge-score uses by default: M. Porter, "An
 * algorithm for suffix stripping", Program 14.3 (1980); the extensions are those of NLTK's {@code
 * PorterStemmer.NLTK_EXTENSIONS}. Other Porter stemmers (Snowball, Lucene) give other stems for
 * words such as <i>dies</i>, <i>enjoy</i> or <i>skies</i>, so they cannot reproduce its scores.
 */
final class PorterStemmer {
  private record Rule(String suffix, String replacement) {}

  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("sky", "sky"),
          Map.entry("skies", "sky"),
          Map.entry("dying", "die"),
          Map.entry("lying", "lie"),
          Map.entry("tying", "tie"),
          Map.entry("news", "news"),
          Map.entry("innings", "inning"),
          Map.entry("inning", "inning"),
          Map.entry("outings", "outing"),
          Map.entry("outing", "outing"),
          Map.entry("cannings", "canning"),
          Map.entry("canning", "canning"),
          Map.entry("howe", "howe"),
          Map.entry("proceed", "proceed"),
          Map.entry("exceed", "exceed"),
          Map.entry("succeed", "succeed"));

  // In each list the first suffix that matches decides, whether or not its condition then holds.
  private static final List<Rule> STEP_1A = rules("sses", "ss", "ies", "i", "ss", "ss", "s", "");
  private static final List<Rule> STEP_2 =
      rules(
          "ational", "ate", "tional", "tion", "enci", "ence", "anci", "ance", "izer", "ize", "bli",
          "ble", "alli", "al", "entli", "ent", "eli", "e", "ousli", "ous", "ization", "ize",
          "ation", "ate", "ator", "ate", "alism", "al", "iveness", "ive", "fulness", "ful",
          "ousness", "ous", "aliti", "al", "iviti", "ive", "biliti", "ble", "fulli", "ful");
  private static final List<Rule> STEP_3 =
      rules(
          "icate", "ic", "ative", "", "alize", "al", "iciti", "ic", "ical", "ic", "ful", "", "ness",
          "");
  private static final List<Rule> STEP_4 =
      rules(
          "al", "", "ance", "", "ence", "", "er", "", "ic", "", "able", "", "ible", "", "ant", "",
          "ement", "", "ment", "", "ent", "", "ion", "", "ou", "", "ism", "", "ate", "", "iti", "",
          "ous", "", "ive", "", "ize", "");

  private PorterStemmer() {}

  /** The stem of a lower-case word. */
  static String stem(String word) {
    String irregular = IRREGULAR.get(word);
    if (irregular != null) {
      return irregular;
    }
    if (word.length() <= 2) {
      return word;
    }
    String stem = step1c(step1b(step1a(word)));
    stem = apply(STEP_3, step2(stem), s -> measure(s) > 0);
    return step5(step4(stem));
  }

  private static String step1a(String word) {
    return word.length() == 4 && word.endsWith("ies")
        ? cut(word, 1)
        : apply(STEP_1A, word, s -> true);
  }

  private static String step1b(String word) {
    if (word.endsWith("ied")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("eed")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    for (int suffix : new int[] {2, 3}) {
      if (word.endsWith(suffix == 2 ? "ed" : "ing") && containsVowel(cut(word, suffix))) {
        return restoreEnding(cut(word, suffix));
      }
    }
    return word;
  }

  /** After -ed or -ing: conflat(ed) to conflate, hopp(ing) to hop, fil(ing) to file. */
  private static String restoreEnding(String stem) {
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + "e";
    }
    if (endsDoubleConsonant(stem)) {
      return "lsz".indexOf(stem.charAt(stem.length() - 1)) < 0 ? cut(stem, 1) : stem;
    }
    return measure(stem) == 1 && endsConsonantVowelConsonant(stem) ? stem + "e" : stem;
  }

  private static String step1c(String word) {
    String stem = cut(word, 1);
    boolean rule = word.endsWith("y") && stem.length() > 1 && consonants(stem)[stem.length() - 1];
    return rule ? stem + "i" : word;
  }

  private static String step2(String word) {
    if (word.endsWith("alli") && measure(cut(word, 4)) > 0) {
      return step2(cut(word, 2));
    }
    // The l of -logi counts as part of the stem, so that geo(logi) and theo(logi) are long enough.
    if (word.endsWith("logi")) {
      return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    return apply(STEP_2, word, s -> measure(s) > 0);
  }

  private static String step4(String word) {
    boolean ion = word.endsWith("ion");
    return apply(STEP_4, word, s -> measure(s) > 1 && (!ion || s.endsWith("s") || s.endsWith("t")));
  }

  private static String step5(String word) {
    String result = word;
    if (word.endsWith("e")) {
      String stem = cut(word, 1);
      int measure = measure(stem);
      if (measure > 1 || (measure == 1 && !endsConsonantVowelConsonant(stem))) {
        result = stem;
      }
    }
    return result.endsWith("ll") && measure(cut(result, 1)) > 1 ? cut(result, 1) : result;
  }

  private static String apply(List<Rule> rules, String word, Predicate<String> condition) {
    for (Rule rule : rules) {
      if (word.endsWith(rule.suffix)) {
        String stem = cut(word, rule.suffix.length());
        return condition.test(stem) ? stem + rule.replacement : word;
      }
    }
    return word;
  }

  /** How often a consonant follows a vowel: m in [C](VC){m}[V]. */
  private static int measure(String stem) {
    boolean[] consonant = consonants(stem);
    int measure = 0;
    for (int i = 1; i < consonant.length; i++) {
      if (consonant[i] && !consonant[i - 1]) {
        measure++;
      }
    }
    return measure;
  }

  private static boolean containsVowel(String stem) {
    for (boolean consonant : consonants(stem)) {
      if (!consonant) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsDoubleConsonant(String word) {
    int n = word.length();
    return n >= 2 && word.charAt(n - 1) == word.charAt(n - 2) && consonants(word)[n - 1];
  }

  /** Ends consonant, vowel, consonant other than w, x, y; or is just vowel and consonant. */
  private static boolean endsConsonantVowelConsonant(String word) {
    int n = word.length();
    boolean[] c = consonants(word);
    if (n == 2) {
      return !c[0] && c[1];
    }
    return n > 2 && c[n - 3] && !c[n - 2] && c[n - 1] && "wxy".indexOf(word.charAt(n - 1)) < 0;
  }

  /** A y is a consonant at the start and after a vowel; anything but aeiouy always is one. */
  private static boolean[] consonants(String word) {
    boolean[] consonant = new boolean[word.length()];
    for (int i = 0; i < consonant.length; i++) {
      char c = word.charAt(i);
      consonant[i] = c == 'y' ? i == 0 || !consonant[i - 1] : "aeiou".indexOf(c) < 0;
    }
    return consonant;
  }

  private static String cut(String word, int characters) {
    return word.substring(0, word.length() - characters);
  }

  private static List<Rule> rules(String... pairs) {
    Rule[] rules = new Rule[pairs.length / 2];
    for (int i = 0; i < rules.length; i++) {
      rules[i] = new Rule(pairs[2 * i], pairs[2 * i + 1]);
    }
    return List.of(rules);
  }
}
