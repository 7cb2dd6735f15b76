package ai.kindred.federated.algorithm;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.Cohort;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.OnClient;
import ai.kindred.federated.OnClient.Answer;

/**
 * SCAFFOLD: control variates take out the drift of clients that differ.
 *
 * <pre>
 * client:  y = LocalSgd(x) with gradient g(y) - c_i + c
 *          c_i' = c_i - c + (x - y) / (rate steps);  sends (y - x, c_i' - c_i), keeps c_i'
 * server:  x = x + rate_s mean(y - x);  c = c + |S| / N mean(c_i' - c_i)
 * </pre>
 *
 * <p>This is the paper's option II. The means follow the simulation's weights; the paper's are
 * uniform.
 *
 * @see <a href="https://arxiv.org/abs/1910.06378">Karimireddy et al., 2020</a>
 */
public final class Scaffold<B> implements Algorithm<B, Scaffold.State> {

  /**
   * The model and the server's control variate.
   *
   * @param x the model
   * @param c the mean of the clients' control variates
   */
  public record State(Params x, Params c) {}

  /** What a client sends: the change of its model and of its control variate. */
  private record Change(Params x, Params c) {}

  private final OnClient.Stateful<B, State, Params, Change> train;
  private final double rate;

  /**
   * Clients train by {@code local}.
   *
   * @param rate the server's, positive; 1 in most uses
   */
  public Scaffold(LocalSgd<B> local, double rate) {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("the server's rate is positive, not " + rate);
    }
    this.rate = rate;
    this.train =
        (sent, own, client) -> {
          Params toServer = sent.c().sub(own);
          Params y = local.run(sent.x(), client, (at, g) -> g.add(toServer));
          Params next = local.meanDirection(sent.x(), y, client).sub(toServer);
          return new Answer<>(next, new Change(y.sub(sent.x()), next.sub(own)));
        };
  }

  @Override
  public State start(Params initial) {
    return new State(initial, initial.mul(0));
  }

  @Override
  public State round(State state, Cohort<B> cohort) {
    Params zero = state.c().map(t -> Tensor.zeros(t.dtype(), t.lengths()));
    Change mean = cohort.mean(train, state, zero);
    double share = (double) cohort.clients().size() / cohort.population();
    return new State(state.x().add(mean.x(), rate), state.c().add(mean.c(), share));
  }

  @Override
  public Params model(State state) {
    return state.x();
  }
}
