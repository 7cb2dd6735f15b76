package ai.kindred.core.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages JSON text in one of the ways that files are damaged, or that an attacker would try. */
final class Mangle {
  private static final List<String> PIECES =
      List.of(
          "null",
          "{}",
          "[]",
          "\"\"",
          "-1",
          "1e999",
          "99999999999999999999",
          "NaN",
          "true",
          ",",
          ":",
          "\"name\":1,",
          "[".repeat(5000),
          "{\"a\":".repeat(5000),
          "9".repeat(2000),
          "\"",
          "\\",
          "\"\\ud800\"",
          "1e-99999999",
          "1e999999999");

  private Mangle() {}

  static byte[] bytes(byte[] text, SplittableRandom random) {
    int at = random.nextInt(text.length);
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(text, at);
      case 1 -> {
        byte[] flipped = text.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 2 -> spliced(text, at, PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8), 0);
      default -> {
        byte[] piece = PIECES.get(random.nextInt(PIECES.size())).getBytes(UTF_8);
        yield spliced(text, at, piece, random.nextInt(Math.min(20, text.length - at)));
      }
    };
  }

  /** The text with {@code removed} bytes at a place replaced by a piece. */
  private static byte[] spliced(byte[] text, int at, byte[] piece, int removed) {
    byte[] result = new byte[text.length + piece.length - removed];
    System.arraycopy(text, 0, result, 0, at);
    System.arraycopy(piece, 0, result, at, piece.length);
    int rest = at + removed;
    System.arraycopy(text, rest, result, at + piece.length, text.length - rest);
    return result;
  }
}
