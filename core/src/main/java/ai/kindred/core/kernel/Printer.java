package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes a trace as the TorchScript text that libtorch loads. */
final class Printer {

  private static final String HEAD =
      """
      class K(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
      """;

  private final StringBuilder text = new StringBuilder(HEAD);
  private final Map<Symbol, String> names = new HashMap<>();
  private final NavigableMap<Integer, Node.Where> lines = new TreeMap<>();
  private int line = 4;
  private int indent = 2;
  private int fresh;
  private Node.@Nullable Where where;

  /** A program's text, and which Java line made each of its lines. */
  record Text(String program, NavigableMap<Integer, Node.Where> lines) {}

  static Text print(List<Symbol> inputs, Block block, List<Symbol> outputs) {
    return new Printer().write(inputs, block, outputs);
  }

  private Text write(List<Symbol> inputs, Block block, List<Symbol> outputs) {
    // The first argument only tells the engine which scope owns the results.
    StringBuilder head = new StringBuilder("def forward(self: __torch__.K, anchor: Tensor");
    for (Symbol s : inputs) {
      String name = "a" + names.size();
      names.put(s, name);
      head.append(", ").append(name).append(": Tensor");
    }
    line(head + ") -> List[Tensor]:");
    indent = 4;
    block(block);
    line("return [" + outputs.stream().map(this::name).collect(Collectors.joining(", ")) + "]");
    return new Text(text.toString(), lines);
  }

  void line(String statement) {
    line++;
    if (where != null) {
      lines.put(line, where);
    }
    text.append(" ".repeat(indent)).append(statement).append('\n');
  }

  /** A name that nothing else has. */
  String fresh(String prefix) {
    return prefix + "_" + fresh++;
  }

  String name(Symbol s) {
    String name = names.get(s);
    if (name == null) {
      throw new IllegalStateException(s + " is used outside the loop or kernel that made it");
    }
    return name;
  }

  private List<String> define(List<Symbol> symbols) {
    List<String> made = new ArrayList<>();
    for (Symbol s : symbols) {
      String name = "t" + names.size();
      names.put(s, name);
      made.add(name);
    }
    return made;
  }

  private void block(Block block) {
    for (Node node : block.nodes()) {
      if (node instanceof Node.Call call) {
        where = call.where();
        List<String> args = new ArrayList<>();
        for (Object arg : call.args()) {
          args.add(argument(arg));
        }
        call.op().text().write(this, call.op(), args, define(call.outputs()));
        where = null;
      } else if (node instanceof Node.Checkpoint c) {
        block(c.body());
      } else {
        loop((Node.Loop) node);
      }
    }
  }

  private void loop(Node.Loop loop) {
    where = loop.where();
    List<String> carry = define(loop.carry());
    for (int i = 0; i < carry.size(); i++) {
      line(carry.get(i) + " = " + name(loop.initial().get(i)));
    }
    List<String> lists = new ArrayList<>();
    for (int i = 0; i < loop.emits().size(); i++) {
      lists.add(fresh("list"));
      line(lists.get(i) + " = annotate(List[Tensor], [" + nothing(loop, i) + "])");
    }
    line("for i" + loop.id() + " in range(" + loop.count().program(this::name) + "):");
    indent += 2;
    block(loop.body());
    where = loop.where();
    for (int i = 0; i < lists.size(); i++) {
      line(fresh("_") + " = torch.append(" + lists.get(i) + ", " + name(loop.emits().get(i)) + ")");
    }
    // All new values are read before any carry changes, so that a body may swap them.
    List<String> next = new ArrayList<>();
    for (Symbol s : loop.next()) {
      next.add(fresh("next"));
      line(next.get(next.size() - 1) + " = " + name(s));
    }
    for (int i = 0; i < carry.size(); i++) {
      line(carry.get(i) + " = " + next.get(i));
    }
    indent -= 2;
    List<String> results = define(loop.outputs());
    for (int i = 0; i < results.size(); i++) {
      line(
          results.get(i)
              + " = "
              + (i < carry.size()
                  ? carry.get(i)
                  : "torch.cat(" + lists.get(i - carry.size()) + ", " + loop.axis() + ")"));
    }
    where = null;
  }

  /** A tensor of length 0, so that a loop without turns has something to join. */
  private String nothing(Node.Loop loop, int emit) {
    Symbol s = loop.emits().get(emit);
    List<Dim> shape = Shapes.with(s.shape(), loop.axis(), Dim.of(0));
    boolean known =
        shape.stream().allMatch(d -> canName(d) && !d.variesIn(loop.id(), Integer.MAX_VALUE));
    if ((loop.count().isConstant() && loop.count().value() > 0) || !known) {
      return "";
    }
    return "torch.zeros(" + argument(shape) + ", dtype=" + s.dtype().code() + ")";
  }

  /** Whether a length is over symbols that exist already. */
  private boolean canName(Dim d) {
    boolean[] known = {true};
    d.symbols(s -> known[0] &= names.containsKey(s));
    return known[0];
  }

  private String argument(Object arg) {
    if (arg instanceof Symbol s) {
      return name(s);
    }
    if (arg instanceof Dim d) {
      return d.program(this::name);
    }
    if (arg instanceof Boolean b) {
      return b ? "True" : "False";
    }
    if (arg instanceof Double d) {
      return number(d);
    }
    if (arg instanceof Long || arg instanceof Integer) {
      return arg.toString();
    }
    if (arg instanceof DType d) {
      return Integer.toString(d.code());
    }
    if (arg instanceof String s) {
      return "\"" + s + "\"";
    }
    if (arg instanceof Op.Keyword k) {
      return k.name() + "=" + argument(k.value());
    }
    if (arg instanceof Op.None) {
      return "None";
    }
    if (arg instanceof Eager.Input n) {
      String type = n.symbol().dtype() == DType.INT64 ? "int(" : "float(";
      return type + name(n.symbol()) + ")";
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(this::argument).collect(Collectors.joining(", ", "[", "]"));
    }
    throw new IllegalStateException("no way to write an argument of " + arg.getClass());
  }

  private static String number(double d) {
    if (Double.isNaN(d)) {
      return "float(\"nan\")";
    }
    if (Double.isInfinite(d)) {
      return d > 0 ? "float(\"inf\")" : "float(\"-inf\")";
    }
    return Double.toString(d).replace("E", "e");
  }

  /** Finds the Java line of a program's line. */
  static Node.@Nullable Where find(NavigableMap<Integer, Node.Where> lines, int line) {
    Entry<Integer, Node.Where> e = lines.floorEntry(line);
    return e == null ? null : e.getValue();
  }
}
