package ai.kindred.core.lm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokenizer format of Karpathy's llama2.c ({@code tokenizer.bin}, {@code tok512.bin}): a
 * sentencepiece vocabulary with scores, where the neighbours whose union scores best are merged
 * until none is a token. Ids 0, 1 and 2 are unknown, beginning and end of text; 3 to 258 are bytes.
 */
public final class Llama2Tokenizer implements Tokenizer {
  private static final int MAX_FILE = 1 << 26;
  private static final int MAX_TOKEN = 1 << 12;
  private static final int BOS = 1;
  private static final int EOS = 2;
  private static final int FIRST_BYTE = 3;
  private static final int FIRST_PIECE = FIRST_BYTE + 256;

  private final String[] pieces;
  private final float[] scores;
  private final Map<String, Integer> ids;

  private Llama2Tokenizer(String[] pieces, float[] scores) {
    this.pieces = pieces;
    this.scores = scores;
    this.ids = new HashMap<>();
    for (int id = 0; id < pieces.length; id++) {
      ids.putIfAbsent(pieces[id], id);
    }
  }

  /**
   * Reads a file: int32 longest token, then for each token float32 score, int32 bytes, UTF-8 bytes;
   * little-endian.
   *
   * @throws ModelFormatException if it is none
   */
  public static Llama2Tokenizer read(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE) {
      throw new ModelFormatException(
          file.toString(), Files.size(file) + " bytes; a tokenizer has at most " + MAX_FILE);
    }
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (in.remaining() < 4) {
      throw new ModelFormatException(file.toString(), "truncated: no header");
    }
    in.getInt();
    String[] pieces = new String[in.remaining() / 8];
    float[] scores = new float[pieces.length];
    int count = 0;
    while (in.hasRemaining()) {
      if (in.remaining() < 8) {
        throw new ModelFormatException(file.toString(), "truncated at token " + count);
      }
      scores[count] = in.getFloat();
      int length = in.getInt();
      if (length < 0 || length > Math.min(MAX_TOKEN, in.remaining())) {
        throw new ModelFormatException(
            file.toString(),
            "token " + count + " has " + length + " bytes, with " + in.remaining() + " left");
      }
      ByteBuffer bytes = in.slice(in.position(), length);
      in.position(in.position() + length);
      try {
        pieces[count] = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      } catch (CharacterCodingException e) {
        throw new ModelFormatException(file.toString(), "token " + count + " is not UTF-8", e);
      }
      if (Float.isNaN(scores[count])) {
        throw new ModelFormatException(file.toString(), "token " + count + " scores NaN");
      }
      count++;
    }
    if (count <= FIRST_PIECE) {
      throw new ModelFormatException(
          file.toString(), count + " tokens; 3 special ones and 256 bytes come before any other");
    }
    return new Llama2Tokenizer(Arrays.copyOf(pieces, count), Arrays.copyOf(scores, count));
  }

  /** A token in the list of those of a text; {@code at} orders equal scores. */
  private static final class Link {
    private int id;
    private final int at;
    private @Nullable Link before;
    private @Nullable Link after;
    private boolean gone;

    private Link(int id, int at) {
      this.id = id;
      this.at = at;
    }
  }

  /** Two neighbours as they were when this was found, and the token they make. */
  private record Merge(Link left, Link right, int leftId, int rightId, int id, float score) {
    private boolean isCurrent() {
      return !left.gone && !right.gone && left.id == leftId && right.id == rightId;
    }
  }

  @Override
  public int[] encode(String text, boolean specialTokens) {
    if (text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "the text has " + text.length() + " characters; at most " + MAX_TEXT + " at once");
    }
    Link head = new Link(BOS, -1);
    if (!text.isEmpty()) {
      // sentencepiece puts a space before the text.
      link(head, " " + text);
      merge(head);
    }
    int[] tokens = new int[text.length() * 4 + 5];
    int count = 0;
    for (Link link = specialTokens ? head : head.after; link != null; link = link.after) {
      tokens[count++] = link.id;
    }
    return Arrays.copyOf(tokens, count);
  }

  /** Appends the text's characters as tokens; one without a token becomes its bytes. */
  private void link(Link head, String text) {
    Link last = head;
    int at = 0;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      String character = Character.toString(text.codePointAt(i));
      Integer id = ids.get(character);
      byte[] bytes = id == null ? character.getBytes(StandardCharsets.UTF_8) : new byte[1];
      for (byte b : bytes) {
        Link link = new Link(id == null ? FIRST_BYTE + (b & 0xff) : id, at++);
        link.before = last;
        last.after = link;
        last = link;
      }
    }
  }

  /** Merges the best pair, the leftmost of equals, until no pair is a token. */
  private void merge(Link head) {
    PriorityQueue<Merge> queue =
        new PriorityQueue<>(
            (a, b) ->
                a.score() != b.score()
                    ? Float.compare(b.score(), a.score())
                    : Integer.compare(a.left().at, b.left().at));
    for (Link link = head.after; link != null; link = link.after) {
      offer(queue, link, link.after);
    }
    while (!queue.isEmpty()) {
      Merge merge = queue.remove();
      if (!merge.isCurrent()) {
        continue;
      }
      Link left = merge.left();
      Link right = merge.right();
      left.id = merge.id();
      left.after = right.after;
      right.gone = true;
      if (right.after != null) {
        right.after.before = left;
      }
      if (left.before != null && left.before != head) {
        offer(queue, left.before, left);
      }
      offer(queue, left, left.after);
    }
  }

  private void offer(PriorityQueue<Merge> queue, Link left, @Nullable Link right) {
    if (right == null) {
      return;
    }
    Integer id = ids.get(pieces[left.id] + pieces[right.id]);
    if (id != null) {
      queue.add(new Merge(left, right, left.id, right.id, id, scores[id]));
    }
  }

  @Override
  public String decode(int[] tokens, boolean skipSpecial) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < tokens.length; i++) {
      int id = tokens[i];
      if (id < 0 || id >= pieces.length) {
        throw new IllegalArgumentException(
            "token id %d at position %d is not from 0 to %d".formatted(id, i, pieces.length - 1));
      }
      if (id < FIRST_BYTE && skipSpecial) {
        continue;
      }
      if (id >= FIRST_BYTE && id < FIRST_PIECE) {
        out.write(id - FIRST_BYTE);
        continue;
      }
      boolean afterBos = i == 0 || tokens[i - 1] == BOS;
      String piece = afterBos && pieces[id].startsWith(" ") ? pieces[id].substring(1) : pieces[id];
      out.writeBytes(piece.getBytes(StandardCharsets.UTF_8));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public int vocabSize() {
    return pieces.length;
  }

  @Override
  public SpecialTokens specialTokens() {
    return new SpecialTokens(pieces[BOS].strip(), BOS, pieces[EOS].strip(), EOS, Set.of(BOS, EOS));
  }

  @Override
  public void close() {}
}
