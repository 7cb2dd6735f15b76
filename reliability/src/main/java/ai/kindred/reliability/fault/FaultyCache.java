package ai.kindred.reliability.fault;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Block;
import ai.kindred.core.nn.Mixing;
import ai.kindred.core.nn.Pass;

/**
 * A layer whose keys and values are hit once they have been written: in the cache of a generator
 * they stay wrong for all later tokens. Flips follow from the key, the layer's place and the first
 * position of the pass, as in {@link FaultyActivations}.
 *
 * @param base the layer itself
 * @param key one-element int64
 * @param rate flipped bits over all bits, 0 to 1 over the bits of an element
 */
public record FaultyCache(Block base, Tensor key, double rate) implements Block {

  /** Checks the rate, for elements of any type. */
  public FaultyCache {
    BitFlips.checked(rate, 1);
  }

  /** Every layer of a tree, hit in its own way. */
  public static <T> T in(T tree, double rate, Key key) {
    return Tree.rewrite(
        tree,
        Block.class,
        (path, b) -> new FaultyCache(without(b), FaultyActivations.tensor(key.fold(path)), rate));
  }

  /** The tree without such faults. */
  public static <T> T without(T tree) {
    return Tree.rewrite(tree, Block.class, (path, b) -> b instanceof FaultyCache f ? f.base() : b);
  }

  /** Mixing in which what is written is hit. */
  private record Hit(Mixing base, Tensor key, double rate) implements Mixing {

    private static final int VALUES = 1 << 30; // keys and values are hit differently

    @Override
    public Tensor mix(int layer, Tensor q, Tensor k, Tensor v, Scores scores) {
      return base.mix(
          layer, q, BitFlips.in(k, rate, key), BitFlips.in(v, rate, key.add(VALUES)), scores);
    }
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return base.apply(
        x, pass.withMixing(new Hit(pass.mixing(), FaultyActivations.at(key, pass), rate)));
  }
}
