package ai.kindred.reliability;

/** What becomes of words whose damage is seen and cannot be undone: two flips, mostly. */
public enum Doubles {
  /** An {@link UncorrectableException}; the word stays as it is. */
  RAISE,
  /** The word stays as it is, and is found again by every pass. */
  KEEP,
  /**
   * Eight zeros. Better than keeping only where the weights' root mean square is below about 15.
   */
  ZERO,
  /**
   * The mean of the words that two flips may have made of this, each as likely as its weights are
   * under a Laplace distribution of the tensor's root mean square. The default.
   */
  POSTERIOR_MEAN,
  /** The word as it was when it was protected, from a copy that the caller keeps. */
  RELOAD
}
