package ai.kindred.core.kernel;

import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * A program's text and which Java line made each of its lines.
 *
 * @param lines places of the main function's lines
 * @param calls for each line that calls a method, the places of the method's lines in that call
 */
record ProgramText(
    String program,
    NavigableMap<Integer, Node.Where> lines,
    Map<Integer, NavigableMap<Integer, Node.Where>> calls) {

  /** The place of a traceback's innermost line; its lines come outermost first. */
  Node.@Nullable Where where(List<Integer> traceback) {
    Node.Where innermost = null;
    NavigableMap<Integer, Node.Where> inside = lines;
    for (int line : traceback) {
      Entry<Integer, Node.Where> e = inside.floorEntry(line);
      innermost = e == null ? innermost : e.getValue();
      inside = calls.getOrDefault(line, inside);
    }
    return innermost;
  }
}
