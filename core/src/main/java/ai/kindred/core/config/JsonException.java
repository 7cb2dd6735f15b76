package ai.kindred.core.config;

import java.io.IOException;
import java.util.List;

/** JSON that is malformed, over the limits, or does not fit the record it is read into. */
public final class JsonException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, one line a problem. */
  private final String[] problems;

  /**
   * @param source the file, or what else the text came from
   * @param problems at least one line
   */
  public JsonException(String source, List<String> problems) {
    super(message(source, problems));
    this.problems = problems.toArray(String[]::new);
  }

  JsonException(String source, String problem, Throwable cause) {
    this(source, List.of(problem));
    initCause(cause);
  }

  private static String message(String source, List<String> problems) {
    return problems.size() == 1
        ? source + ": " + problems.get(0)
        : source + ": " + problems.size() + " problems\n  " + String.join("\n  ", problems);
  }

  /** Everything that is wrong, one line each, without the source. */
  public List<String> problems() {
    return List.of(problems);
  }
}
