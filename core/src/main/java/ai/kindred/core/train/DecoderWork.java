package ai.kindred.core.train;

import ai.kindred.core.kernel.DType;

/**
 * The work of a training step of a decoder model of the Llama kind (RMSNorm, grouped-query
 * attention, gated MLP), in numbers.
 *
 * @param layers number of blocks
 * @param hidden width of the residual stream
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads
 * @param headWidth width of a head
 * @param feedForward inner width of the MLP
 * @param vocabulary number of tokens known
 * @param tokens tokens of a batch
 * @param sequence length of its sequences; of the longest, to be on the safe side
 * @param scored rows of vocabulary scores that are alive at once
 * @param dtype type of the activations
 * @param recompute whether blocks drop their inner results and compute them again
 */
public record DecoderWork(
    long layers,
    long hidden,
    long heads,
    long keyValueHeads,
    long headWidth,
    long feedForward,
    long vocabulary,
    long tokens,
    long sequence,
    long scored,
    DType dtype,
    boolean recompute) {

  /** Weights of a block, norms apart. */
  private long blockWeights() {
    long queries = heads * headWidth;
    long keys = keyValueHeads * headWidth;
    return hidden * (2 * queries + 2 * keys + 3 * feedForward);
  }

  /**
   * Numbers that one token leaves for the gradient of one block: input and output of two norms (4
   * hidden), queries before and after rotation and the mixed values, keys likewise and the values,
   * attention weights, and the MLP's gate, its activation, up and their product.
   */
  private long numbersOfBlock() {
    long queries = heads * headWidth;
    long keys = keyValueHeads * headWidth;
    return 4 * hidden + 3 * queries + 3 * keys + heads * sequence + 4 * feedForward;
  }

  /** Bytes that one token leaves in one block; norms keep two float32 copies of narrower inputs. */
  private long bytesOfBlock() {
    long norms = dtype.bytes() < Float.BYTES ? 4 * hidden * Float.BYTES : 0;
    return numbersOfBlock() * dtype.bytes() + norms;
  }

  /**
   * Bytes kept from the forward for the backward pass, at its peak. With recomputation that is a
   * block's input for each block, and the inside of one. Scores are counted three times in float32:
   * as they are, as probabilities, and their gradient.
   */
  public long activationBytes() {
    long blocks =
        recompute ? layers * hidden * dtype.bytes() + bytesOfBlock() : layers * bytesOfBlock();
    return tokens * blocks + 3 * scored * vocabulary * Float.BYTES;
  }

  /** Floating-point operations of the forward pass, the output product at {@code scored} rows. */
  public double forwardFlops() {
    double attention = 2.0 * 2 * heads * headWidth * sequence; // scores and mixing, a token
    return tokens * layers * (2.0 * blockWeights() + attention)
        + 2.0 * scored * hidden * vocabulary;
  }

  /** Floating-point operations of a step: forward, twice as much backward, and forward again. */
  public double stepFlops() {
    return (recompute ? 4 : 3) * forwardFlops();
  }

  /**
   * Floating-point operations of a step that trains small parts beside frozen weights: a product
   * then has one gradient, of its input, instead of two.
   */
  public double frozenStepFlops() {
    return (recompute ? 3 : 2) * forwardFlops();
  }
}
