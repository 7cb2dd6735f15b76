package ai.kindred.core.lm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pre-tokenisation of the tokenizers that {@link BpeTrainer} makes: each numeric character on
 * its own, the rest cut by GPT-2's expression, and every byte written as one printable character
 * (Radford et al., 2019, {@code encoder.py}).
 */
final class ByteLevel {

  // As in the tokenizers library: \s, \p{L} and \p{N} are Unicode's.
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern DIGIT = Pattern.compile("\\p{N}");

  private static final char[] CHARACTERS = characters();

  private ByteLevel() {}

  /** The words of a text, in order; together they are the text. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher digit = DIGIT.matcher(text);
    int start = 0;
    while (digit.find()) {
      cut(text.substring(start, digit.start()), words);
      words.add(digit.group());
      start = digit.end();
    }
    cut(text.substring(start), words);
    return words;
  }

  /** The character that stands for a byte, 0 to 255. */
  static char character(int value) {
    return CHARACTERS[value];
  }

  /** A word with every UTF-8 byte as its character. */
  static String characters(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      text.append(CHARACTERS[b & 0xff]);
    }
    return text.toString();
  }

  private static void cut(String text, List<String> words) {
    Matcher word = WORD.matcher(text);
    while (word.find()) {
      words.add(word.group());
    }
  }

  /** Printable bytes stand for themselves, the others for the characters from 256 on, in order. */
  private static char[] characters() {
    char[] characters = new char[256];
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable =
          (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
      characters[b] = (char) (printable ? b : next++);
    }
    return characters;
  }
}
