package ai.kindred.federated.algorithm;

import ai.kindred.core.kernel.Params;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.Cohort;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.OnClient;

/**
 * MimeLite with momentum: clients step with the server's momentum, which they do not change; the
 * server updates it from gradients at its own model.
 *
 * <pre>
 * client:  y = LocalSgd(x) with direction (1 - beta) g(y) + beta m;  sends (y - x, grad f_i(x))
 * server:  x = x + mean(y - x);  m = (1 - beta) mean(grad f_i(x)) + beta m
 * </pre>
 *
 * <p>The gradient at x runs over the first pass of the round's batches: all of the client's
 * examples where it trains for at least an epoch.
 *
 * @see <a href="https://arxiv.org/abs/2008.03606">Karimireddy et al., 2020</a>
 */
public final class MimeLite<B> implements Algorithm<B, MimeLite.State> {

  /**
   * The model and the momentum.
   *
   * @param x the model
   * @param m a running mean of gradients
   */
  public record State(Params x, Params m) {}

  private final OnClient<B, State, State> train;
  private final double beta;

  /**
   * Clients train by {@code local}.
   *
   * @param beta momentum, in [0, 1)
   */
  public MimeLite(LocalSgd<B> local, double beta) {
    if (!(beta >= 0 && beta < 1)) {
      throw new IllegalArgumentException("beta is at least 0 and below 1, not " + beta);
    }
    this.beta = beta;
    this.train =
        (sent, client) -> {
          Params remembered = sent.m().mul(beta);
          Params y = local.run(sent.x(), client, (at, g) -> remembered.add(g, 1 - beta));
          return new State(y.sub(sent.x()), local.gradientAt(sent.x(), client));
        };
  }

  @Override
  public State start(Params initial) {
    return new State(initial, initial.mul(0));
  }

  @Override
  public State round(State state, Cohort<B> cohort) {
    State mean = cohort.mean(train, state);
    return new State(state.x().add(mean.x()), state.m().mul(beta).add(mean.m(), 1 - beta));
  }

  @Override
  public Params model(State state) {
    return state.x();
  }
}
