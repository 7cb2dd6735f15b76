package ai.kindred.examples.golden;

import java.io.IOException;
import java.util.List;

/** What some other implementation computed, to be computed again. */
interface GoldenCase {

  /** The file or folder it comes from. */
  String name();

  /**
   * Computes it and compares.
   *
   * @throws IOException if a file is missing or malformed
   */
  List<Check> run() throws IOException;
}
