package ai.kindred.reliability.code;

/**
 * A parity bit a weight; a weight whose parity is wrong becomes the mean of the weights before and
 * after it in memory, rounded down. A baseline in the released code of Guan et al. (2019,
 * arXiv:1910.14479), 12.5 % more memory; at the ends the one neighbour is taken. Handlers are not
 * asked.
 */
public final class NeighbourAverage extends ParityCode {

  @Override
  public String name() {
    return "parity, neighbours";
  }

  @Override
  int guess(Words words, long stored, int word, int b) {
    boolean first = word == 0 && b == 0;
    boolean last = word == words.count() - 1 && b == 7;
    int before = first ? 0 : weight(b > 0 ? stored : words.get(word - 1), (b + 7) % 8);
    int after = last ? 0 : weight(b < 7 ? stored : words.get(word + 1), (b + 1) % 8);
    return first ? after : last ? before : Math.floorDiv(before + after, 2);
  }

  private static int weight(long word, int b) {
    return (byte) (word >>> (8 * b));
  }
}
