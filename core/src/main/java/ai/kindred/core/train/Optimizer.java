package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.Map;

/**
 * A rule that turns gradients into new parameters: pure functions of tensors, which run inside the
 * training kernel. Which to choose: {@link AdamW} unless its two moments a parameter do not fit;
 * {@link Adafactor} then; {@link Sgd} for small models and as a reference.
 *
 * <p>Moments have the parameters' shapes and are float32 (float64 for float64 parameters), whatever
 * the parameters' type; so is the arithmetic. Updates of bfloat16 parameters are rounded to
 * bfloat16, which loses those below about 1/256 of a weight: keep trained weights in float32.
 */
public sealed interface Optimizer permits AdamW, Adafactor, Sgd {

  /**
   * What is remembered from step to step.
   *
   * @param step number of steps taken, an int64 tensor without axes
   * @param moments running statistics by name, each with a tensor for the parameters it concerns
   */
  record State(Tensor step, Map<String, Params> moments) {}

  /** Parameters and state after a step. */
  record Update(Params params, State state) {}

  /** The state before the first step. */
  State init(Params params);

  /**
   * One step.
   *
   * @param params parameters, of floating types
   * @param grads a gradient for each
   * @param state the state that {@link #init} or the last step gave
   * @param learningRate float64 without axes
   */
  Update step(Params params, Params grads, State state, Tensor learningRate);

  /** Bytes of the state for these parameters. */
  long stateBytes(Params params);
}
