package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds runs of steps that repeat, such as a model's layers. */
final class Repeats {

  /** What a method must save to be worth its calls, in steps. */
  private static final int WORTH = 12;

  private static final int SHORTEST = 4;

  private static final Dim.Names ANY =
      new Dim.Names() {
        @Override
        public String of(Symbol symbol) {
          return "s";
        }

        @Override
        public String of(int loop) {
          return "i";
        }
      };

  private Repeats() {}

  /** {@code times} parts of {@code period} steps, one after another. */
  record Run(int start, int period, int times) {

    int end() {
      return start + period * times;
    }

    int saved() {
      return period * (times - 1);
    }

    List<List<Node>> parts(List<Node> nodes) {
      List<List<Node>> parts = new ArrayList<>();
      for (int i = start; i < end(); i += period) {
        parts.add(nodes.subList(i, i + period));
      }
      return parts;
    }
  }

  /** The run that saves most, or null where none is worth it. */
  static @Nullable Run best(List<Node> nodes) {
    if (nodes.size() < WORTH + SHORTEST) {
      return null;
    }
    int[] kinds = kinds(nodes);
    Run best = null;
    for (int period = SHORTEST; period <= kinds.length / 2; period++) {
      int equal = 0;
      for (int i = kinds.length - period - 1; i >= -1; i--) {
        if (i >= 0 && kinds[i] == kinds[i + period]) {
          equal++;
          continue;
        }
        Run run = new Run(i + 1, period, (equal + period) / period);
        if (run.saved() >= WORTH && (best == null || run.saved() > best.saved())) {
          best = run;
        }
        equal = 0;
      }
    }
    return best;
  }

  /** A number a kind of step: equal where the steps differ in their tensors alone. */
  private static int[] kinds(List<Node> nodes) {
    Map<String, Integer> known = new HashMap<>();
    int[] kinds = new int[nodes.size()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = known.computeIfAbsent(kind(nodes.get(i)), k -> known.size());
    }
    return kinds;
  }

  private static String kind(Node node) {
    StringBuilder kind = new StringBuilder();
    if (node instanceof Node.Call call) {
      kind.append(call.op().name());
      call.args().forEach(a -> append(kind, a));
    } else if (node instanceof Node.Loop loop) {
      kind.append("for ").append(loop.count().program(ANY)).append(loop.axis());
      Replay.flat(loop.body().nodes()).forEach(n -> kind.append(kind(n)).append(';'));
    }
    return kind.toString();
  }

  private static void append(StringBuilder kind, Object arg) {
    kind.append(' ');
    if (arg instanceof Symbol) {
      kind.append('s');
    } else if (arg instanceof Dim d) {
      kind.append(d.program(ANY));
    } else if (arg instanceof Op.Keyword k) {
      append(kind, k.value());
    } else if (arg instanceof List<?> list) {
      list.forEach(a -> append(kind, a));
    } else {
      kind.append(arg);
    }
  }
}
