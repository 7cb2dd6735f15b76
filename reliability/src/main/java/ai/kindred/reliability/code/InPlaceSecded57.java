package ai.kindred.reliability.code;

/**
 * In-place zero-space SEC-DED (64,57) of Guan et al., "In-Place Zero-Space Memory Protection for
 * CNN" (NeurIPS 2019, arXiv:1910.14479).
 *
 * <p>A weight in [-64, 63] has its sign in bit 7 and again in bit 6. Where the first seven weights
 * of each eight are such, seven bits are free: the check bits. Check bit k lies in bit 6 of byte k,
 * k = 0 .. 6, the other 57 bits stay where they are, and the eighth weight may be anything.
 * Decoding corrects the word, then copies bit 7 of bytes 0 to 6 into bit 6.
 *
 * <p>Parity-check matrix: {@link Syndromes}, seven rows, every odd column once. The syndrome is the
 * sum of the columns of the bits that are set; 0 is intact, an odd one (row of ones set) names the
 * flipped bit, an even one is a double flip. As no odd column is left over, all triple flips are
 * miscorrected; of the quadruple flips 1.6 % go unseen.
 */
public sealed class InPlaceSecded57 extends InPlaceCode permits FlaggedOutlier57 {

  /** The code. */
  public InPlaceSecded57() {
    super(7);
  }

  @Override
  public String name() {
    return "in-place (64,57)";
  }
}
