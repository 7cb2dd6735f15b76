package ai.kindred.examples.pretrain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Words to make sentences and instructions of. */
final class Lexicon {

  /** Women's and men's names in turn. */
  static final List<String> NAMES =
      words(
          """
          Anna Ben Clara David Emma Frank Grace Henry Isla Jack Kate Leo Mary Noah Olivia Paul Rose Sam Tina Victor
          """);

  static final List<String> ANIMALS =
      words(
          """
          ant bear bee bird cat cow crow deer dog dolphin duck eagle elephant fish fox frog goat goose hen horse
          lion monkey mouse owl ox pig rabbit rat seal shark sheep snake spider tiger turtle whale wolf zebra
          """);
  static final List<String> FOODS =
      words(
          """
          apple banana bean bread butter cake carrot cheese cherry egg grape honey jam lemon lettuce melon milk
          mushroom nut onion orange pasta peach pear pepper plum potato rice salad salt soup sugar tea tomato
          """);
  static final List<String> THINGS =
      words(
          """
          bag ball basket bell bicycle blanket boat book bottle bowl box brush bucket candle car chair clock coat
          coin cup desk drum fan flag fork glass glove guitar hammer hat kettle key kite knife lamp letter map
          mirror needle newspaper paper pen pencil phone piano picture plate ring rope ruler scarf shirt shoe
          spoon stamp table tent ticket towel toy umbrella vase wallet watch wheel window
          """);
  static final List<String> PLACES =
      words(
          """
          airport bakery bank beach bridge castle church city corner farm field forest garden harbor hill hospital
          hotel house island kitchen lake library market museum office park river road school shop square station
          street theater tower town valley village
          """);
  static final List<String> COLORS =
      words("black blue brown gold gray green orange pink purple red silver white yellow");
  static final List<String> ADJECTIVES =
      words(
          """
          big bright calm cheap clean clever cold dark deep dry early empty fast fresh full funny gentle happy hard
          heavy hot kind large late light long loud lucky narrow new old poor pretty proud quick quiet rich round
          sad safe sharp short shy slow small soft strange strong sweet tall thick thin tired warm weak wet wide
          wild wise young
          """);
  static final List<String> PAST =
      words(
          """
          bought brought carried cleaned counted drew dropped fixed found forgot gave held hid kept liked lost made
          moved needed opened ordered packed painted picked put repaired saved saw sold took touched wanted washed
          """);
  static final List<String> JOBS =
      words(
          """
          actor baker captain carpenter clerk cook dancer dentist doctor driver engineer farmer fisher gardener
          guard judge lawyer mechanic musician nurse painter pilot poet sailor singer soldier tailor teacher waiter
          writer
          """);
  static final List<String> DAYS =
      words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday");
  static final List<String> NUMBERS =
      words(
          "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen");
  static final List<String> SMALL =
      words("the a an of and in on at to from for with by is was not all his her our my it its no");

  private static final List<List<String>> NOUNS = List.of(ANIMALS, FOODS, THINGS, PLACES, JOBS);
  private static final String[] ONSETS = {
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl",
    "qu", "r", "s", "sh", "st", "t", "th", "tr", "v", "w", "y", "z", ""
  };
  private static final String[] VOWELS = {"a", "e", "i", "o", "u", "ai", "ea", "ee", "oo", "ou"};
  private static final String[] CODAS = {
    "", "", "", "b", "ck", "d", "g", "l", "ll", "m", "n", "nd", "ng", "nt", "p", "r", "rd", "s",
    "st", "t", "x"
  };

  private Lexicon() {}

  static String any(SplittableRandom random, List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  static String noun(SplittableRandom random) {
    return any(random, NOUNS.get(random.nextInt(NOUNS.size())));
  }

  /** A noun, adjective, colour, verb, short word or invented word. */
  static String word(SplittableRandom random) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> noun(random);
      case 3, 4 -> any(random, ADJECTIVES);
      case 5 -> any(random, COLORS);
      case 6 -> any(random, PAST);
      case 7 -> any(random, SMALL);
      default -> invented(random);
    };
  }

  /** A word of one to three syllables that need not exist: it can only be copied, not known. */
  static String invented(SplittableRandom random) {
    StringBuilder word = new StringBuilder();
    int syllables = 1 + random.nextInt(3);
    for (int i = 0; i < syllables; i++) {
      word.append(ONSETS[random.nextInt(ONSETS.length)])
          .append(VOWELS[random.nextInt(VOWELS.length)])
          .append(CODAS[random.nextInt(CODAS.length)]);
    }
    return word.toString();
  }

  /** n different words. */
  static List<String> distinct(SplittableRandom random, int n) {
    List<String> words = new ArrayList<>();
    while (words.size() < n) {
      String word = word(random);
      if (!words.contains(word)) {
        words.add(word);
      }
    }
    return words;
  }

  /** A name of one to five words as titles are written. */
  static String title(SplittableRandom random) {
    int length = 1 + random.nextInt(5);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      String word = word(random);
      words.add(i > 0 && SMALL.contains(word) ? word : capital(word));
    }
    return String.join(" ", words);
  }

  static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  static String article(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }

  static <T> List<T> shuffled(SplittableRandom random, List<T> values) {
    List<T> result = new ArrayList<>(values);
    for (int i = result.size() - 1; i > 0; i--) {
      Collections.swap(result, i, random.nextInt(i + 1));
    }
    return result;
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+", -1));
  }
}
