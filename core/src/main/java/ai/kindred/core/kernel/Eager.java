package ai.kindred.core.kernel;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/** Runs one operation at once, as a program of one line. */
final class Eager {

  /** A number given as an input, so that one program serves every number. */
  record Input(Symbol symbol) {}

  private final List<Value> inputs = new ArrayList<>();
  private final List<Symbol> symbols = new ArrayList<>();
  private final List<Value> numbers = new ArrayList<>();
  private final IdentityHashMap<Value, Symbol> seen = new IdentityHashMap<>();

  private Eager() {}

  static List<Value> run(Op op, Object[] args) {
    Eager call = new Eager();
    Object[] lifted = new Object[args.length];
    for (int i = 0; i < args.length; i++) {
      lifted[i] = call.lift(args[i]);
    }
    List<Meta> metas;
    try {
      metas = op.rule().infer(args);
    } catch (IllegalArgumentException e) {
      throw new KernelException(
          op.name() + ": " + e.getMessage() + " (" + Node.Where.now("") + ")", e);
    }
    List<Symbol> outputs = new ArrayList<>();
    for (Meta m : metas) {
      outputs.add(new Symbol(call.symbols.size() + outputs.size(), m));
    }
    Node.Block block = new Node.Block();
    block.nodes().add(new Node.Call(op, List.of(lifted), outputs, Node.Where.now("")));
    Printer.Text text = Printer.print(call.symbols, block, outputs);
    try {
      return wrap(Program.of(text).run(call.inputs, Scope.current(), text), metas);
    } finally {
      call.numbers.forEach(Value::close);
    }
  }

  static List<Value> wrap(NDList results, List<Meta> metas) {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < metas.size(); i++) {
      values.add(new Value((PtNDArray) results.get(i), metas.get(i).dtype()));
    }
    return values;
  }

  private Object lift(Object arg) {
    if (arg instanceof Value v) {
      return seen.computeIfAbsent(v, this::input);
    }
    if (arg instanceof Symbol s) {
      throw new IllegalStateException(s + " belongs to a kernel that is no longer being traced");
    }
    if (arg instanceof Double d) {
      Value number = (Value) Tensor.scalar(d, DType.FLOAT64);
      numbers.add(number);
      return new Input(input(number));
    }
    if (arg instanceof Op.Keyword k) {
      return new Op.Keyword(k.name(), lift(k.value()));
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(a -> a == null ? a : lift(a)).toList();
    }
    return arg;
  }

  private Symbol input(Value v) {
    Symbol s = new Symbol(symbols.size(), v.meta());
    symbols.add(s);
    inputs.add(v);
    return s;
  }
}
