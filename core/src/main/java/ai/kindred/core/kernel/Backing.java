package ai.kindred.core.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which results of a program may lie in the memory of its inputs. Memory that Java owns (an array's
 * copy, a mapped file) lives while a Java object refers to it, so such results must refer to it
 * too.
 */
record Backing(List<List<Integer>> inputsOf) {

  static Backing of(List<Symbol> inputs, Node.Block block, List<Symbol> outputs) {
    Aliases aliases = Aliases.of(block.nodes());
    List<List<Integer>> inputsOf = new ArrayList<>();
    for (Symbol output : outputs) {
      Set<Symbol> origins = aliases.of(output);
      List<Integer> at = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        if (origins.contains(inputs.get(i))) {
          at.add(i);
        }
      }
      inputsOf.add(List.copyOf(at));
    }
    return new Backing(inputsOf);
  }

  /** The buffers that a result may lie in. */
  List<ByteBuffer> of(int output, List<Value> inputs) {
    List<ByteBuffer> buffers = List.of();
    for (int i : inputsOf.get(output)) {
      List<ByteBuffer> more = inputs.get(i).backing();
      if (!more.isEmpty()) {
        buffers = new ArrayList<>(buffers);
        buffers.addAll(more);
      }
    }
    return buffers;
  }
}
