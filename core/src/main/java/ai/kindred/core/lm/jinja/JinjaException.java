package ai.kindred.core.lm.jinja;

/** A template that is malformed, fails, or asks for too much; the message gives the line. */
public final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  JinjaException(String message) {
    super(message);
  }
}
