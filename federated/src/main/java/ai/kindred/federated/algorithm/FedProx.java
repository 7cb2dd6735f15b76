package ai.kindred.federated.algorithm;

import ai.kindred.core.kernel.Params;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.Cohort;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.OnClient;
import ai.kindred.federated.server.ServerOptimizer;

/**
 * Federated averaging whose clients are held near the server's model by {@code mu/2 |y - x|^2}.
 *
 * <pre>
 * client:  y = LocalSgd(x) with gradient g(y) + mu (y - x);  sends y - x
 * server:  x = ServerOptimizer(x, mean(y - x))
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/1812.06127">Li et al., 2020</a>
 */
public final class FedProx<B> implements Algorithm<B, ServerOptimizer.State> {

  private final OnClient<B, Params, Params> train;
  private final ServerOptimizer server;

  /**
   * Clients train by {@code local}, the server moves by {@code server}.
   *
   * @param mu how strongly clients are held, 0 or more; 0 is {@link FedAvg}
   */
  public FedProx(LocalSgd<B> local, ServerOptimizer server, double mu) {
    if (!(mu >= 0 && mu < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("mu is finite and at least 0, not " + mu);
    }
    this.train = (x, client) -> local.run(x, client, (y, g) -> g.add(y.sub(x), mu)).sub(x);
    this.server = server;
  }

  @Override
  public ServerOptimizer.State start(Params initial) {
    return server.start(initial);
  }

  @Override
  public ServerOptimizer.State round(ServerOptimizer.State state, Cohort<B> cohort) {
    return server.step(state, cohort.mean(train, state.x()));
  }

  @Override
  public Params model(ServerOptimizer.State state) {
    return state.x();
  }
}
