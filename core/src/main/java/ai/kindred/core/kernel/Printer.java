package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Node.Block;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes a trace as the TorchScript text that libtorch loads. Runs of steps that repeat, such as a
 * model's layers, are written once as a method: text and loading time do not grow with depth.
 */
final class Printer implements Dim.Names {

  private final Methods methods;
  private final boolean isMethod;
  private final StringBuilder text = new StringBuilder();
  private final Map<Symbol, String> names = new HashMap<>();
  private final Map<Integer, String> loops = new HashMap<>();
  private final List<Symbol> parameters = new ArrayList<>();
  private final List<Integer> loopParameters = new ArrayList<>();
  private final NavigableMap<Integer, Node.Where> lines = new TreeMap<>();
  private final Map<Integer, Methods.Call> calls = new TreeMap<>();
  private int line;
  private int indent = 4;
  private int fresh;
  private Node.@Nullable Where where;

  private Printer(Methods methods, boolean isMethod) {
    this.methods = methods;
    this.isMethod = isMethod;
  }

  static ProgramText print(List<Symbol> inputs, Block block, List<Symbol> outputs) {
    Methods methods = Methods.of(block, outputs);
    Printer forward = new Printer(methods, false);
    // The first argument only tells the engine which scope owns the results.
    StringBuilder head = new StringBuilder("def forward(self: __torch__.K, anchor: Tensor");
    for (Symbol s : inputs) {
      String name = "a" + forward.names.size();
      forward.names.put(s, name);
      head.append(", ").append(name).append(": Tensor");
    }
    forward.indent = 2;
    forward.line(head + ") -> List[Tensor]:");
    forward.indent = 4;
    forward.block(block);
    forward.line("return [" + forward.names(outputs) + "]");
    return methods.program(forward.text.toString(), forward.lines, forward.calls);
  }

  private String names(List<Symbol> symbols) {
    return symbols.stream().map(this::of).collect(Collectors.joining(", "));
  }

  /** Calls a method that the module has beside the traced ones. */
  String helper(String name, String text) {
    return "(self)." + methods.helper(name, text);
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

  @Override
  public String of(Symbol s) {
    String name = names.get(s);
    if (name == null && isMethod) {
      name = "x" + parameters.size();
      parameters.add(s);
      names.put(s, name);
    }
    if (name == null) {
      throw new IllegalStateException(s + " is used outside the loop or kernel that made it");
    }
    return name;
  }

  @Override
  public String of(int loop) {
    String name = loops.get(loop);
    if (name == null && isMethod) {
      name = "j" + loopParameters.size();
      loopParameters.add(loop);
      loops.put(loop, name);
    }
    if (name == null) {
      throw new IllegalStateException("a loop's index is used outside the loop");
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
    sequence(Replay.flat(block.nodes()));
  }

  private void sequence(List<Node> nodes) {
    Repeats.Run run = isMethod ? null : Repeats.best(nodes);
    if (run == null) {
      nodes.forEach(this::node);
      return;
    }
    sequence(nodes.subList(0, run.start()));
    repeated(run.parts(nodes));
    sequence(nodes.subList(run.end(), nodes.size()));
  }

  /** Writes parts that look alike: as calls of one method where their text is the same. */
  private void repeated(List<List<Node>> parts) {
    List<Printer> printed = new ArrayList<>();
    Map<String, Integer> count = new HashMap<>();
    for (List<Node> part : parts) {
      Printer method = new Printer(methods, true);
      part.forEach(method::node);
      printed.add(method);
      count.merge(method.text.toString(), 1, Integer::sum);
    }
    for (int i = 0; i < parts.size(); i++) {
      String own = printed.get(i).text.toString();
      List<Integer> results = new ArrayList<>();
      if (count.getOrDefault(own, 0) > 1) {
        TreeSet<Integer> used = new TreeSet<>();
        for (int j = 0; j < parts.size(); j++) {
          if (own.contentEquals(printed.get(j).text)) {
            used.addAll(methods.usedOutside(parts.get(j)));
          }
        }
        results.addAll(used);
      }
      if (results.isEmpty()) {
        parts.get(i).forEach(this::node);
      } else {
        call(parts.get(i), printed.get(i), results);
      }
    }
  }

  private void call(List<Node> part, Printer method, List<Integer> results) {
    List<Symbol> made = Methods.outputs(part);
    List<Symbol> out = results.stream().map(made::get).toList();
    String callee =
        methods.add(
            method.parameters.size(),
            method.loopParameters.size(),
            method.text.toString(),
            out.stream().map(method::of).toList());
    List<String> arguments = new ArrayList<>();
    method.parameters.forEach(s -> arguments.add(of(s)));
    method.loopParameters.forEach(l -> arguments.add(of(l)));
    where = part.get(0).where();
    String call = "(self)." + callee + "(" + String.join(", ", arguments) + ")";
    String targets = String.join(", ", define(out)) + (out.size() > 1 ? "," : "");
    line(targets + " = " + call);
    calls.put(line, new Methods.Call(callee, method.lines));
    where = null;
  }

  private void node(Node node) {
    if (node instanceof Node.Call call) {
      if (!methods.inPlace().isPart(call)) {
        where = call.where();
        call(call);
        where = null;
      }
    } else {
      loop((Node.Loop) node);
    }
  }

  private void call(Node.Call call) {
    InPlace.Sum sum = methods.inPlace().sum(call);
    if (sum != null) {
      List<String> results = define(call.outputs());
      line(results.get(0) + " = " + sum.program(this));
      return;
    }
    List<String> args = new ArrayList<>();
    for (Object arg : call.args()) {
      args.add(argument(arg));
    }
    call.op().text().write(this, call.op(), args, define(call.outputs()));
  }

  private void loop(Node.Loop loop) {
    where = loop.where();
    List<String> carry = define(loop.carry());
    for (int i = 0; i < carry.size(); i++) {
      line(carry.get(i) + " = " + of(loop.initial().get(i)));
    }
    List<String> lists = new ArrayList<>();
    for (int i = 0; i < loop.emits().size(); i++) {
      lists.add(fresh("list"));
      line(lists.get(i) + " = annotate(List[Tensor], [" + nothing(loop, i) + "])");
    }
    String index = "i" + loops.size();
    String count = loop.count().program(this);
    loops.put(loop.id(), index);
    line("for " + index + " in range(" + count + "):");
    indent += 2;
    block(loop.body());
    where = loop.where();
    for (int i = 0; i < lists.size(); i++) {
      line(fresh("_") + " = torch.append(" + lists.get(i) + ", " + of(loop.emits().get(i)) + ")");
    }
    // All new values are read before any carry changes, so that a body may swap them.
    List<String> next = new ArrayList<>();
    for (Symbol s : loop.next()) {
      next.add(fresh("next"));
      line(next.get(next.size() - 1) + " = " + of(s));
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
    d.symbols(s -> known[0] &= isMethod || names.containsKey(s));
    return known[0];
  }

  String argument(Object arg) {
    if (arg instanceof Symbol s) {
      return of(s);
    }
    if (arg instanceof Dim d) {
      return d.program(this);
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
      return type + of(n.symbol()) + ")";
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
}
