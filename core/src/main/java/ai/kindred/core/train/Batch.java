package ai.kindred.core.train;

/**
 * What one forward and backward pass reads, and how much that is.
 *
 * @param tensors a tree of tensors for the {@link Objective}. Made inside {@link Batches#at}, its
 *     tensors are freed after the step; made before, they stay their maker's
 * @param targets number of terms that the loss is the mean of, at least 1; the weight of this batch
 *     among those of a step
 * @param tokens number of tokens, for the rate that observers see
 * @param examples number of examples, for the rate that observers see
 * @param <B> the tree
 */
public record Batch<B>(B tensors, long targets, long tokens, long examples) {

  /** Checks the counts. */
  public Batch {
    if (targets < 1) {
      throw new IllegalArgumentException(
          "a batch with " + targets + " targets has no mean loss; leave it out");
    }
    if (tokens < 0 || examples < 0) {
      throw new IllegalArgumentException(
          "a batch cannot have " + tokens + " tokens and " + examples + " examples");
    }
  }

  /** A batch of examples with one target and one token each. */
  public static <B> Batch<B> of(B tensors, long examples) {
    return new Batch<>(tensors, examples, examples, examples);
  }
}
