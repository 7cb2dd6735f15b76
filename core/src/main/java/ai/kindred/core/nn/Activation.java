package ai.kindred.core.nn;

import ai.kindred.core.kernel.Tensor;

/** A function of each element between two products. */
public enum Activation {
  /** {@code x sigmoid(x)}. */
  SILU,
  /** {@code x Phi(x)}. */
  GELU,
  /** GELU by its tanh approximation. */
  GELU_TANH,
  /** {@code max(x, 0)}. */
  RELU,
  /** Hyperbolic tangent. */
  TANH;

  /** The function of each element. */
  public Tensor apply(Tensor x) {
    return switch (this) {
      case SILU -> x.silu();
      case GELU -> x.gelu();
      case GELU_TANH -> x.geluTanh();
      case RELU -> x.relu();
      case TANH -> x.tanh();
    };
  }
}
