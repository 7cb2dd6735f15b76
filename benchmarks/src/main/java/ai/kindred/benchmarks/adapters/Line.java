package ai.kindred.benchmarks.adapters;

import java.io.IOException;
import java.util.Map;

/**
 * A line of results.
 *
 * @param what was measured
 * @param figures in order, with their units in the names
 */
record Line(String workload, String what, Map<String, Double> figures) {

  /** Takes lines as they come. */
  interface Printer {
    void print(Line line) throws IOException;
  }
}
