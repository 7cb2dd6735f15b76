package ai.kindred.reliability.code;

/**
 * A parity bit a weight; a weight whose parity is wrong becomes 0. A baseline of Guan et al. (2019,
 * arXiv:1910.14479), 12.5 % more memory. An odd number of flips in a weight is seen, an even one is
 * not; handlers are not asked.
 */
public final class ParityZero extends ParityCode {

  @Override
  public String name() {
    return "parity, zero";
  }

  @Override
  int guess(Words words, long stored, int word, int b) {
    return 0;
  }
}
