package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Estimates the most memory that the tensors of a trace take at once, at the lengths that it was
 * traced with: a walk over its steps in which a tensor is freed after its last use, and kept for
 * the gradient where its tape needs it. Arguments are not counted, nor what operations use inside.
 */
final class Memory {

  private final List<Node> nodes;
  private final Map<Symbol, Symbol> home = new HashMap<>();
  private final Map<Symbol, Boolean> rowOrder = new HashMap<>();
  private final Map<Symbol, Integer> owed = new HashMap<>();
  private final Map<Symbol, Double> held = new HashMap<>();
  private final InPlace inPlace;
  private double now;
  private double peak;

  private Memory(List<Node> nodes, List<Symbol> outputs) {
    this.nodes = Replay.flat(nodes);
    Map<Symbol, Integer> uses = new HashMap<>();
    Consumer<Symbol> use = s -> uses.merge(s, 1, Integer::sum);
    Replay.scan(this.nodes, use, s -> {});
    outputs.forEach(use);
    this.inPlace = InPlace.of(this.nodes, uses);
    this.nodes.forEach(this::place);
    this.nodes.forEach(node -> Replay.uses(List.of(node)).forEach(this::owe));
    outputs.forEach(this::owe);
  }

  /** Bytes beyond those of the arguments. */
  static double peak(Node.Block block, List<Symbol> outputs) {
    Memory m = new Memory(block.nodes(), outputs);
    m.tapes();
    m.walk();
    return m.peak;
  }

  /** Where a step's results lie: in memory of their own or in an argument's. */
  private void place(Node node) {
    if (node instanceof Node.Call call) {
      Symbol out = call.outputs().isEmpty() ? null : call.outputs().get(0);
      InPlace.Sum sum = inPlace.sum(call);
      if (out == null) {
        return;
      }
      if (sum != null) {
        home.put(out, home(sum.y()));
      } else if (Aliases.isView(call.op())) {
        Symbol from = (Symbol) call.args().get(0);
        boolean rows = rowOrder.getOrDefault(from, true);
        boolean copies =
            !rows && (call.op().equals(Ops.RESHAPE) || call.op().equals(Ops.CONTIGUOUS));
        if (!copies) {
          home.put(out, home(from));
        }
        rowOrder.put(out, copies || (rows && keepsRows(call.op())));
      }
    } else if (node instanceof Node.Loop loop) {
      for (int i = 0; i < loop.carry().size(); i++) {
        Aliases inside = Aliases.of(loop.body().nodes());
        if (inside.of(loop.next().get(i)).equals(inside.of(loop.carry().get(i)))) {
          home.put(loop.outputs().get(i), home(loop.initial().get(i)));
        }
      }
    }
  }

  private static boolean keepsRows(Op op) {
    return !(op.equals(Ops.TRANSPOSE)
        || op.equals(Ops.PERMUTE)
        || op.equals(Ops.EXPAND)
        || op.equals(Ops.NARROW)
        || op.equals(Ops.SELECT));
  }

  private Symbol home(Symbol s) {
    return home.getOrDefault(s, s);
  }

  private void owe(Symbol s) {
    owed.merge(home(s), 1, Integer::sum);
  }

  private void pay(Symbol s) {
    Symbol h = home(s);
    if (owed.merge(h, -1, Integer::sum) <= 0) {
      Double bytes = held.remove(h);
      now -= bytes == null ? 0 : bytes;
    }
  }

  private void take(Symbol s) {
    if (home(s) == s) {
      hold(s, bytes(s));
    }
  }

  private void hold(Symbol s, double bytes) {
    held.put(s, bytes);
    now += bytes;
    peak = Math.max(peak, now);
  }

  static double bytes(Symbol s) {
    return Cost.elements(s.shape()) * s.dtype().bytes();
  }

  /** What tapes keep is owed to their gradients. */
  private void tapes() {
    for (Kept kept : tapesOf()) {
      kept.symbols().forEach(this::owe);
    }
  }

  /** The steps that a gradient goes back through and what each of them keeps. */
  private record Kept(Node.Call gradient, Tape tape, List<Node> steps, List<Symbol> symbols) {}

  private List<Kept> tapesOf() {
    List<Kept> all = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i) instanceof Node.Call call && call.op().equals(Ops.GRADIENT)) {
        Set<Symbol> variables = symbols(call.args().get(2));
        Tape tape = Tape.of(nodes.subList(0, i), variables);
        List<Node> steps = tape.steps(nodes.subList(0, i), symbols(call.args().get(0)));
        List<Symbol> kept = new ArrayList<>();
        for (Node step : steps) {
          if (step instanceof Node.Call c) {
            kept.addAll(tape.keeps(c));
          }
        }
        all.add(new Kept(call, tape, steps, kept));
      }
    }
    return all;
  }

  private static Set<Symbol> symbols(Object list) {
    Set<Symbol> symbols = new HashSet<>();
    ((List<?>) list).forEach(s -> symbols.add((Symbol) s));
    return symbols;
  }

  private void walk() {
    List<Kept> tapes = tapesOf();
    int nextTape = 0;
    for (Node node : nodes) {
      if (node instanceof Node.Call call && call.op().equals(Ops.GRADIENT)) {
        backward(tapes.get(nextTape++));
      } else if (node instanceof Node.Loop loop) {
        loop(loop, tapes.subList(nextTape, tapes.size()));
      } else if (!(node instanceof Node.Call part && inPlace.isPart(part))) {
        node.outputs().forEach(this::take);
      }
      Replay.uses(List.of(node)).forEach(this::pay);
      for (Symbol s : node.outputs()) {
        if (owed.getOrDefault(home(s), 0) == 0) {
          owe(s);
          pay(s);
        }
      }
    }
  }

  /** Goes back over a tape: cotangents come and go, gradients of variables stay. */
  private void backward(Kept kept) {
    Map<Symbol, Double> cotangents = new HashMap<>();
    Set<Symbol> variables = symbols(kept.gradient().args().get(2));
    for (int i = kept.steps().size() - 1; i >= 0; i--) {
      Node step = kept.steps().get(i);
      boolean passes = step instanceof Node.Call call && Tape.passesOn(call.op());
      for (Symbol s : Replay.uses(List.of(step))) {
        if (kept.tape().isOn(s) && !cotangents.containsKey(s)) {
          double bytes = passes ? passedOn(step, cotangents) : bytes(s);
          cotangents.put(s, bytes);
          now += bytes;
        }
      }
      peak = Math.max(peak, now);
      for (Symbol s : step.outputs()) {
        Double bytes = variables.contains(s) ? null : cotangents.remove(s);
        now -= bytes == null ? 0 : bytes;
      }
      if (step instanceof Node.Call call) {
        kept.tape().keeps(call).forEach(this::pay);
      }
    }
    for (double bytes : cotangents.values()) {
      now -= bytes;
    }
    kept.gradient().outputs().forEach(this::take);
  }

  /** The memory of a result's cotangent goes over to the first argument's. */
  private double passedOn(Node step, Map<Symbol, Double> cotangents) {
    double bytes = 0;
    for (Symbol s : step.outputs()) {
      Double own = cotangents.put(s, 0.0);
      bytes += own == null ? 0 : own;
    }
    now -= bytes;
    return bytes;
  }

  /** A turn's own peak on top of what the turns collect and, on a tape, keep. */
  private void loop(Node.Loop loop, List<Kept> tapes) {
    Long hint = loop.count().hint();
    double turns = hint == null ? 1 : hint;
    List<Symbol> results = new ArrayList<>(loop.next());
    results.addAll(loop.emits());
    double collected = 0;
    for (Symbol s : loop.emits()) {
      collected += turns * bytes(s);
    }
    double kept = 0;
    for (Kept tape : tapes) {
      if (tape.steps().contains(loop)) {
        kept += turns * keptATurn(loop, tape.tape());
      }
    }
    double inside = peak(loop.body(), results);
    for (int i = 0; i < loop.carry().size() && turns > 1; i++) {
      // The last turn's carry is there until this turn's is made.
      Symbol carry = loop.outputs().get(i);
      inside += home(carry) == carry ? bytes(carry) : 0;
    }
    peak = Math.max(peak, now + inside + collected + kept);
    loop.outputs().forEach(this::take);
    peak = Math.max(peak, now + collected + kept);
    Symbol first = loop.outputs().get(0);
    if (kept > 0) {
      // Freed with the loop's result: nearly when the gradient has passed it.
      held.merge(home(first), kept, Double::sum);
      now += kept;
    }
  }

  private static double keptATurn(Node.Loop loop, Tape tape) {
    Set<Symbol> kept = new HashSet<>();
    Set<Symbol> outside = Replay.uses(List.of(loop));
    Replay.calls(
        loop.body().nodes(),
        call -> {
          if (call.outputs().stream().anyMatch(tape::isOn)) {
            kept.addAll(tape.keeps(call));
          }
        });
    return kept.stream().filter(s -> !outside.contains(s)).mapToDouble(Memory::bytes).sum();
  }
}
