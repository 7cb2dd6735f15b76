package ai.kindred.core.io;

import ai.kindred.core.config.Names;
import java.nio.file.Path;
import java.util.Set;

/** The error about a tensor that a file does not have. */
final class Missing {
  private Missing() {}

  static MalformedFileException tensor(Path path, String name, Set<String> known) {
    return new MalformedFileException(
        path,
        "has no tensor `" + name + "` among its " + known.size() + Names.didYouMean(name, known));
  }
}
