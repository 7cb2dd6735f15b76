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

  /** Lengths up to here are written into programs: shapes repeat, places do not. */
  private static final long LITERAL = 16;

  private final List<Value> inputs = new ArrayList<>();
  private final List<Symbol> symbols = new ArrayList<>();
  private final List<Value> numbers = new ArrayList<>();
  private final IdentityHashMap<Value, Symbol> seen = new IdentityHashMap<>();

  private Eager() {}

  static List<Value> run(Op op, Object[] args) {
    Node.Where where = Node.Where.now(ModulePath.current());
    List<Meta> metas;
    try {
      metas = op.rule().infer(args);
    } catch (IllegalArgumentException e) {
      throw KernelException.at(where, op.name() + ": " + e.getMessage(), e);
    }
    Eager call = new Eager();
    try {
      Object[] lifted = new Object[args.length];
      for (int i = 0; i < args.length; i++) {
        lifted[i] = call.lift(args[i]);
      }
      List<Symbol> outputs = new ArrayList<>();
      for (Meta m : metas) {
        outputs.add(new Symbol(call.symbols.size() + outputs.size(), m));
      }
      Node.Block block = new Node.Block();
      block.nodes().add(new Node.Call(op, List.of(lifted), outputs, where));
      ProgramText text = Printer.print(call.symbols, block, outputs);
      NDList results = Programs.SHARED.of(text).run(call.inputs, Scope.current(), text);
      Backing backing = Backing.of(call.symbols, block, outputs);
      List<Value> values = wrap(results, metas, backing, call.inputs);
      if (Finite.on()) {
        Finite.results(op, args, values, where);
      }
      return values;
    } finally {
      call.numbers.forEach(Value::close);
    }
  }

  static List<Value> wrap(NDList results, List<Meta> metas, Backing backing, List<Value> inputs) {
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < metas.size(); i++) {
      PtNDArray array = (PtNDArray) results.get(i);
      values.add(new Value(array, metas.get(i).dtype(), backing.of(i, inputs)));
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
      return number(Tensor.scalar(d, DType.FLOAT64));
    }
    if (arg instanceof Dim d && d.value() > LITERAL) {
      return number(Tensor.scalar((double) d.value(), DType.INT64));
    }
    if (arg instanceof Op.Keyword k) {
      return new Op.Keyword(k.name(), lift(k.value()));
    }
    if (arg instanceof List<?> list) {
      return list.stream().map(a -> a == null ? a : lift(a)).toList();
    }
    return arg;
  }

  private Input number(Tensor scalar) {
    numbers.add((Value) scalar);
    return new Input(input((Value) scalar));
  }

  private Symbol input(Value v) {
    Symbol s = new Symbol(symbols.size(), v.meta());
    symbols.add(s);
    inputs.add(v);
    return s;
  }
}
