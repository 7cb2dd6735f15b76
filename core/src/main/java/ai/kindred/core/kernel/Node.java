package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.List;

/** A step of a traced kernel. */
sealed interface Node {

  /** The symbols that later steps may use. */
  List<Symbol> outputs();

  /** The user's code that made it. */
  Where where();

  /** One operation on symbols and constants. */
  record Call(Op op, List<Object> args, List<Symbol> outputs, Where where) implements Node {}

  /**
   * A loop whose body was traced once. {@code initial} fill {@code carry}, which the body may read
   * and replaces by {@code next}; what it {@code emits} is concatenated along {@code axis}. The
   * outputs are the last carry, then the emitted.
   */
  record Loop(
      int id,
      Dim count,
      List<Symbol> initial,
      List<Symbol> carry,
      Block body,
      List<Symbol> next,
      List<Symbol> emits,
      int axis,
      List<Symbol> outputs,
      Where where)
      implements Node {}

  /** Steps whose values are dropped after the forward pass and computed again for the gradient. */
  record Checkpoint(Block body, List<Symbol> outputs, Where where) implements Node {}

  /** Steps in the order of their recording. */
  record Block(List<Node> nodes) {
    Block() {
      this(new ArrayList<>());
    }
  }

  /** Where in the user's code a step was made: the module path and the nearest Java lines. */
  record Where(String path, List<StackTraceElement> frames) {

    private static final String HERE = Node.class.getPackageName() + ".";
    private static final int FRAMES = 3;

    static Where now(String path) {
      List<StackTraceElement> frames =
          StackWalker.getInstance()
              .walk(
                  stack ->
                      stack
                          .filter(
                              f ->
                                  !f.getClassName().startsWith("java.")
                                      && (!f.getClassName().startsWith(HERE)
                                          || f.getClassName().endsWith("Test")))
                          .limit(FRAMES)
                          .map(StackWalker.StackFrame::toStackTraceElement)
                          .toList());
      return new Where(path, frames);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(path.isEmpty() ? "" : path + ", ");
      text.append("at ");
      for (int i = 0; i < frames.size(); i++) {
        StackTraceElement f = frames.get(i);
        text.append(i == 0 ? "" : " < ")
            .append(f.getFileName())
            .append(':')
            .append(f.getLineNumber());
      }
      return text.toString();
    }
  }
}
