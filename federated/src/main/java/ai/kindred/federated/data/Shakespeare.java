package ai.kindred.federated.data;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.network.NextToken;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays as a text of speeches, each under the line of its role ({@code First Citizen:}), with an
 * empty line between them. A role is a client; what comes next is predicted character by character.
 */
public final class Shakespeare {

  private static final long LARGEST = 1L << 26;

  private Shakespeare() {}

  /**
   * Each role's speeches in windows one after the other; roles that do not fill one are left out.
   *
   * @param file such as {@code tinyshakespeare.txt}
   * @param length characters read in a window; it holds one more
   * @return classes are the text's characters in their order; there are no labels
   */
  public static FederatedData<NextToken.Windows> read(Path file, int length) throws IOException {
    if (length < 1) {
      throw new IllegalArgumentException("a window reads at least 1 character, not " + length);
    }
    Map<String, String> roles = speeches(file);
    List<String> characters =
        roles.values().stream()
            .flatMapToInt(String::codePoints)
            .distinct()
            .sorted()
            .mapToObj(Character::toString)
            .toList();
    Map<Integer, Integer> ids = new LinkedHashMap<>();
    characters.forEach(c -> ids.put(c.codePointAt(0), ids.size()));
    List<String> owners = new ArrayList<>();
    List<long[]> windows = new ArrayList<>();
    roles.forEach(
        (role, text) -> {
          long[] tokens = text.codePoints().mapToLong(c -> ids.getOrDefault(c, 0)).toArray();
          // The last character of one window is the first that the next one reads.
          for (int at = 0; at + length < tokens.length; at += length) {
            long[] window = new long[length + 1];
            System.arraycopy(tokens, at, window, 0, length + 1);
            windows.add(window);
            owners.add(role);
          }
        });
    if (windows.isEmpty()) {
      throw new MalformedFileException(
          file, "none of its %d roles says %d characters".formatted(roles.size(), length + 1));
    }
    long[] all = new long[Math.multiplyExact(windows.size(), length + 1)];
    for (int i = 0; i < windows.size(); i++) {
      System.arraycopy(windows.get(i), 0, all, i * (length + 1), length + 1);
    }
    return new FederatedData<>(
        new NextToken.Windows(Tensor.of(all, windows.size(), length + 1)),
        new int[0],
        characters,
        Partitions.natural(owners));
  }

  /** What each role says in all, a line end after every line; roles in order of appearance. */
  static Map<String, String> speeches(Path file) throws IOException {
    long size = Files.size(file);
    if (size > LARGEST) {
      throw new MalformedFileException(
          file, "it has %d bytes; %d can be read".formatted(size, LARGEST));
    }
    Map<String, StringBuilder> roles = new LinkedHashMap<>();
    StringBuilder speaking = null;
    boolean afterEmpty = true;
    for (String line : lines(file)) {
      if (afterEmpty && line.length() > 1 && line.endsWith(":")) {
        speaking =
            roles.computeIfAbsent(
                line.substring(0, line.length() - 1), role -> new StringBuilder());
      } else if (!line.isEmpty() && speaking == null) {
        throw new MalformedFileException(
            file, "it does not begin with a role, a line of a name and a colon");
      } else if (!line.isEmpty() && speaking != null) {
        speaking.append(line).append('\n');
      }
      afterEmpty = line.isEmpty();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    roles.forEach((role, text) -> texts.put(role, text.toString()));
    if (texts.isEmpty()) {
      throw new MalformedFileException(file, "it is empty");
    }
    return Collections.unmodifiableMap(texts);
  }

  private static List<String> lines(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      MalformedFileException damaged = new MalformedFileException(file, "it is not UTF-8 text");
      damaged.initCause(e);
      throw damaged;
    }
  }
}
