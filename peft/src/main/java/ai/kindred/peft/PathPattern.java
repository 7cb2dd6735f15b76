package ai.kindred.peft;

import ai.kindred.core.config.Names;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A regular expression for paths of modules that may come from a stranger's file: matched in linear
 * time, and small.
 */
final class PathPattern {

  private static final int MAX_LENGTH = 2000;

  private final Pattern pattern;

  private PathPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /** A pattern for whole paths. */
  static PathPattern whole(String regex) {
    return new PathPattern(compile(regex, regex));
  }

  /** PEFT's rule for the keys of rank_pattern and alpha_pattern: the last names of a path. */
  static PathPattern last(String regex) {
    return new PathPattern(compile("(.*\\.)?(" + regex + ")", regex));
  }

  private static Pattern compile(String regex, String shown) {
    // Counted repetitions of counted repetitions would multiply into a huge program.
    boolean counts = shown.chars().filter(c -> c == '{').count() > 1;
    if (shown.length() > MAX_LENGTH || counts) {
      throw new IllegalArgumentException(
          "the pattern "
              + Names.printable(shown)
              + " is too large: at most "
              + MAX_LENGTH
              + " characters and one {..} repetition");
    }
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "not a regular expression that can be used here (RE2 syntax, without look-around): "
              + Names.printable(String.valueOf(e.getMessage())),
          e);
    }
  }

  boolean matches(String path) {
    return pattern.matches(path);
  }
}
