package ai.kindred.federated.algorithm;

import ai.kindred.core.kernel.Params;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.Cohort;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.OnClient;
import ai.kindred.federated.server.ServerOptimizer;

/**
 * Federated averaging: every client trains from the server's model, the server moves by the mean of
 * their changes.
 *
 * <pre>
 * client:  y = LocalSgd(x);  sends y - x
 * server:  x = ServerOptimizer(x, mean(y - x))
 * </pre>
 *
 * <p>With a server optimiser other than {@code sgd(1)} this is FedAvgM, FedAdam, FedYogi or
 * FedAdagrad.
 *
 * @see <a href="https://arxiv.org/abs/1602.05629">McMahan et al., 2017</a>
 * @see <a href="https://arxiv.org/abs/2003.00295">Reddi et al., 2021</a>
 */
public final class FedAvg<B> implements Algorithm<B, ServerOptimizer.State> {

  private final OnClient<B, Params, Params> train;
  private final ServerOptimizer server;

  /** Clients train by {@code local}, the server moves by {@code server}. */
  public FedAvg(LocalSgd<B> local, ServerOptimizer server) {
    this.train = (x, client) -> local.run(x, client).sub(x);
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
