package ai.kindred.federated.algorithm;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.Algorithm;
import ai.kindred.federated.Cohort;
import ai.kindred.federated.LocalSgd;
import ai.kindred.federated.OnClient;
import ai.kindred.federated.server.ServerOptimizer;

/**
 * FedNova: changes are normalised by the number of local steps, so that clients that take more
 * steps do not pull the model to their own optimum.
 *
 * <pre>
 * client:  y = LocalSgd(x), tau steps;  sends ((y - x) / tau, tau)
 * server:  x = ServerOptimizer(x, mean(tau) mean((y - x) / tau))
 * </pre>
 *
 * <p>This is the paper's method for plain local SGD, where the norm of the accumulation vector is
 * the number of steps.
 *
 * @see <a href="https://arxiv.org/abs/2007.07481">Wang et al., 2020</a>
 */
public final class FedNova<B> implements Algorithm<B, ServerOptimizer.State> {

  private record Normalised(Params change, Tensor steps) {}

  private final OnClient<B, Params, Normalised> train;
  private final ServerOptimizer server;

  /** Clients train by {@code local}, the server moves by {@code server}. */
  public FedNova(LocalSgd<B> local, ServerOptimizer server) {
    this.train =
        (x, client) ->
            new Normalised(
                local.run(x, client).sub(x).mul(client.steps().reciprocal()), client.steps());
    this.server = server;
  }

  @Override
  public ServerOptimizer.State start(Params initial) {
    return server.start(initial);
  }

  @Override
  public ServerOptimizer.State round(ServerOptimizer.State state, Cohort<B> cohort) {
    Normalised mean = cohort.mean(train, state.x());
    return server.step(state, mean.change().mul(mean.steps()));
  }

  @Override
  public Params model(ServerOptimizer.State state) {
    return state.x();
  }
}
