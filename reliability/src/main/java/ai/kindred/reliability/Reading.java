package ai.kindred.reliability;

/** How products read protected weights. */
public enum Reading {
  /**
   * Kernels read the encoded memory itself: as it is in the formats {@code CODEWORDS} and {@code
   * BESIDE}, putting signs back in others. No second copy of the weights; a pass over the memory is
   * a repair for all.
   */
  IN_KERNEL,
  /**
   * Kernels read a plain working copy, which {@link ProtectedModel#refresh} decodes anew from the
   * protected memory: once after loading, or every so many tokens. As fast as weights that are not
   * protected, twice their memory, and between refreshes the copy is as vulnerable as they are.
   */
  WORKING_COPY
}
