package ai.kindred.core.lm;

import java.io.IOException;

/** A model file that is missing something, malformed, or asks for what Kindred does not do. */
public final class ModelFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param source the file, or what else the content came from
   * @param problem the field, its value, and what would be right
   */
  public ModelFormatException(String source, String problem) {
    super(source + ": " + problem);
  }

  /**
   * @param source the file, or what else the content came from
   * @param problem the field, its value, and what would be right
   * @param cause what a library said about it
   */
  public ModelFormatException(String source, String problem, Throwable cause) {
    super(source + ": " + problem, cause);
  }
}
