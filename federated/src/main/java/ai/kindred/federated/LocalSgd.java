package ai.kindred.federated;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Grad;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.train.Objective;
import java.util.function.BinaryOperator;

/**
 * A client's local training: stochastic gradient descent {@code y <- y - rate (g(y) + correction)}
 * over the round's batches.
 *
 * @param objective the loss of a batch
 * @param rate learning rate, positive
 */
public record LocalSgd<B>(Objective<B> objective, double rate) {

  /** Checks the rate. */
  public LocalSgd {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a client's learning rate is positive, not " + rate);
    }
  }

  private record Carry(Params params, Tensor loss) {}

  /** The parameters after training from x with plain gradients. */
  public Params run(Params x, Client<B> client) {
    return run(x, client, (at, gradient) -> gradient);
  }

  /**
   * The parameters after training from x. Reports the client's mean loss as {@code loss}.
   *
   * @param correct from the present parameters and their gradient to the direction that the step
   *     goes against
   */
  public Params run(Params x, Client<B> client, BinaryOperator<Params> correct) {
    Carry last =
        client.fold(
            new Carry(x, client.steps().mul(0)),
            (carry, batch, key) -> {
              Params y = carry.params();
              Grad<Params> g = Grad.of(p -> objective.loss(p, batch, key), y);
              return new Carry(
                  y.add(correct.apply(y, g.grads()), -rate),
                  carry.loss().add(g.value().to(DType.FLOAT32)));
            });
    client.report("loss", last.loss().div(client.steps()));
    return last.params();
  }

  /**
   * The mean of the directions that {@link #run} went against, worked out from where it ended:
   * {@code (x - y) / (rate steps)}.
   */
  public Params meanDirection(Params x, Params y, Client<B> client) {
    Tensor scale = client.steps().mul(rate).reciprocal();
    return x.sub(y).mul(scale);
  }

  /** The mean gradient at x over the first pass of the round's batches. */
  public Params gradientAt(Params x, Client<B> client) {
    record Sum(Params gradients, Tensor batches) {}
    Sum sum =
        client.pass(
            new Sum(x.mul(0), client.steps().mul(0)),
            (s, batch, key) ->
                new Sum(
                    s.gradients().add(Grad.of(p -> objective.loss(p, batch, key), x).grads()),
                    s.batches().add(1)));
    return sum.gradients().mul(sum.batches().reciprocal());
  }
}
