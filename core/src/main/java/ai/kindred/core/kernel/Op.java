package ai.kindred.core.kernel;

import java.util.List;

/**
 * An operation of libtorch as kernels see it.
 *
 * @param name the TorchScript name, such as {@code torch.add}
 * @param rule element type and lengths of the results
 * @param lanes how the operation runs on stacked inputs
 * @param cost floating-point operations, multiply and add counted apart
 * @param text how a call is written
 */
record Op(String name, Rule rule, Lanes lanes, Cost cost, Text text) {

  /** Infers the results from the arguments (symbols or values, numbers, lists). */
  interface Rule {
    List<Meta> infer(Object[] args);
  }

  /** Runs a call whose tensor arguments may carry a leading lane axis. */
  interface Lanes {
    List<Stacking.Lane> apply(Op op, Object[] args, Dim width);
  }

  /** Counts floating-point operations of a call. */
  interface Cost {
    double flops(Object[] args, List<Symbol> outputs);
  }

  /** Writes a call's statements, given the printed arguments and the names of the results. */
  interface Text {
    void write(Printer out, Op op, List<String> args, List<String> results);
  }

  /** A keyword argument. */
  record Keyword(String name, Object value) {}

  /** An argument left at None. */
  enum None {
    NONE
  }

  Tensor apply(Object... args) {
    return applyAll(args).get(0);
  }

  List<? extends Tensor> applyAll(Object... args) {
    Trace trace = Trace.active();
    return trace == null ? Eager.run(this, args) : trace.record(this, args);
  }
}
