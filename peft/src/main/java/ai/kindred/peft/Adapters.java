package ai.kindred.peft;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts adapters into models. */
public final class Adapters {

  private static final Logger LOG = LoggerFactory.getLogger(Adapters.class);

  private Adapters() {}

  /**
   * The model with a new adapter at each target: it computes what it did, and its {@code
   * params(Adapter.class)} are what to train. Weights are shared with the model given.
   *
   * @param model a tree with linear products: a language model, or any other
   * @param config kind and sizes of adapters, and where
   * @param key what first values are drawn from, by path
   * @throws IllegalArgumentException if a target matches nothing, naming what there is, or the
   *     model has adapters already
   */
  public static <T> T add(T model, AdapterConfig config, Key key) {
    Set<String> chosen = config.targets().amongOrThrow(plain(model).keySet());
    config.warnings().forEach(LOG::warn);
    return Tree.rewrite(
        model,
        Linear.class,
        (path, linear) ->
            chosen.contains(path) ? config.adapt(path, linear, Init.of(key.fold(path))) : linear);
  }

  /** The linear products by path of a model that has no adapters. */
  static Map<String, Linear> plain(Object model) {
    Map<String, Adapter> adapters = Tree.parts(model, Adapter.class);
    if (!adapters.isEmpty()) {
      throw new IllegalArgumentException(
          "the model has adapters already ("
              + adapters.keySet().iterator().next()
              + " and others): merge them (merged()) or take them out (withoutAdapters()) first");
    }
    return Tree.parts(model, Linear.class);
  }
}
