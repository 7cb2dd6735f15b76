package ai.kindred.reliability;

/** How products read protected weights. */
public enum Reading {
  /**
   * Kernels read the encoded memory itself and put signs back as they read. No second copy of the
   * weights; a pass over the memory is a repair for all.
   */
  IN_KERNEL,
  /**
   * Kernels read a plain working copy, which {@link ProtectedModel#refresh} decodes anew from the
   * protected memory: once after loading, or every so many tokens. As fast as weights that are not
   * protected, twice their memory, and between refreshes the copy is as vulnerable as they are.
   */
  WORKING_COPY
}
