package ai.kindred.reliability.fault;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;

/**
 * A product whose results are hit: each bit flips with a rate, one in an element at most. The flips
 * follow from the key, the product's place and the first position of the pass, so a pass can be
 * played again to the same bits, and the tokens of a generation are hit each in its own way.
 *
 * <pre>{@code
 * LanguageModel faulty = FaultyActivations.in(model, 1e-6, Key.of(1));
 * LanguageModel whole = FaultyActivations.without(faulty);
 * }</pre>
 *
 * @param base the product itself
 * @param key one-element int64
 * @param rate flipped bits over all bits, 0 to 1 over the bits of an element
 */
public record FaultyActivations(Linear base, Tensor key, double rate) implements Linear {

  /** Checks the rate, for elements of any type. */
  public FaultyActivations {
    BitFlips.checked(rate, 1);
  }

  /** Every product of a tree, hit in its own way; adapters are hit with what they adapt. */
  public static <T> T in(T tree, double rate, Key key) {
    return Tree.rewrite(
        tree,
        Linear.class,
        (path, l) -> new FaultyActivations(without(l), tensor(key.fold(path)), rate));
  }

  /** The tree without such faults. */
  public static <T> T without(T tree) {
    return Tree.rewrite(
        tree, Linear.class, (path, l) -> l instanceof FaultyActivations f ? f.base() : l);
  }

  /** A key as a tensor that positions can be added to. */
  static Tensor tensor(Key key) {
    return Tensor.of(new long[] {key.seed() >>> 1}, 1);
  }

  /** The key of a pass. */
  static Tensor at(Tensor key, Pass pass) {
    return key.add(pass.positions().narrow(0, 0, 1));
  }

  @Override
  public Tensor apply(Tensor x, Pass pass) {
    return BitFlips.in(base.apply(x, pass), rate, at(key, pass));
  }

  @Override
  public long in() {
    return base.in();
  }

  @Override
  public long out() {
    return base.out();
  }
}
