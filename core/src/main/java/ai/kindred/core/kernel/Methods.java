package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The methods of a program's module, and what is known of the whole trace while it is written. */
final class Methods {

  private static final String HEAD =
      """
      class K(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  /** A call of a method, and the places of its lines counted from the first of its body. */
  record Call(String callee, NavigableMap<Integer, Node.Where> body) {}

  private final Map<Symbol, Integer> uses = new HashMap<>();
  private final InPlace inPlace;
  private final Map<String, String> nameByText = new LinkedHashMap<>();

  private Methods(Block block, List<Symbol> outputs) {
    count(block.nodes(), uses);
    outputs.forEach(s -> uses.merge(s, 1, Integer::sum));
    inPlace = InPlace.of(block.nodes(), uses);
  }

  static Methods of(Block block, List<Symbol> outputs) {
    return new Methods(block, outputs);
  }

  private static void count(List<Node> nodes, Map<Symbol, Integer> uses) {
    Replay.scan(nodes, s -> uses.merge(s, 1, Integer::sum), s -> {});
  }

  InPlace inPlace() {
    return inPlace;
  }

  /** The symbols that steps make for later ones. */
  static List<Symbol> outputs(List<Node> nodes) {
    return nodes.stream().flatMap(n -> n.outputs().stream()).toList();
  }

  /** Which of the outputs are used by other steps than these. */
  List<Integer> usedOutside(List<Node> nodes) {
    Map<Symbol, Integer> inside = new HashMap<>();
    count(nodes, inside);
    List<Symbol> made = outputs(nodes);
    return IntStream.range(0, made.size())
        .filter(i -> uses.getOrDefault(made.get(i), 0) > inside.getOrDefault(made.get(i), 0))
        .boxed()
        .toList();
  }

  /** The name of the method of a body, made where there is none yet. */
  String add(int tensors, int numbers, String body, List<String> results) {
    StringBuilder text = new StringBuilder("(self: __torch__.K");
    IntStream.range(0, tensors).forEach(i -> text.append(", x").append(i).append(": Tensor"));
    IntStream.range(0, numbers).forEach(i -> text.append(", j").append(i).append(": int"));
    String types = results.stream().map(r -> "Tensor").collect(Collectors.joining(", "));
    boolean one = results.size() == 1;
    text.append(one ? ") -> Tensor:\n" : ") -> Tuple[" + types + "]:\n").append(body);
    String values = String.join(", ", results);
    text.append("    return ").append(one ? values : "(" + values + ")").append('\n');
    return nameByText.computeIfAbsent(text.toString(), t -> "block" + nameByText.size());
  }

  /** The name of a method that is written by hand. */
  String helper(String name, String text) {
    nameByText.putIfAbsent(text, name);
    return name;
  }

  /** The whole text around the main function. */
  ProgramText program(
      String main, NavigableMap<Integer, Node.Where> mainLines, Map<Integer, Call> mainCalls) {
    StringBuilder text = new StringBuilder(HEAD);
    Map<String, Integer> bodyStart = new HashMap<>();
    int line = lines(HEAD);
    for (Map.Entry<String, String> method : nameByText.entrySet()) {
      text.append("  def ").append(method.getValue()).append(method.getKey());
      bodyStart.put(method.getValue(), line + 1);
      line += lines(method.getKey());
    }
    text.append(main);
    Map<Integer, NavigableMap<Integer, Node.Where>> calls = new HashMap<>();
    for (Map.Entry<Integer, Call> e : mainCalls.entrySet()) {
      Call call = e.getValue();
      int start = bodyStart.getOrDefault(call.callee(), 0);
      calls.put(line + e.getKey(), shifted(call.body(), start));
    }
    return new ProgramText(text.toString(), shifted(mainLines, line), calls);
  }

  private static int lines(String text) {
    return Math.toIntExact(text.chars().filter(c -> c == '\n').count());
  }

  private static NavigableMap<Integer, Node.Where> shifted(
      NavigableMap<Integer, Node.Where> lines, int by) {
    NavigableMap<Integer, Node.Where> moved = new TreeMap<>();
    lines.forEach((line, where) -> moved.put(line + by, where));
    return moved;
  }
}
