package ai.kindred.reliability.code;

/** A parity-check matrix as its definition reads, bit by bit: what the fast codes are held to. */
final class PlainMatrix {

  private final int[] columns;

  private PlainMatrix(int[] columns) {
    this.columns = columns;
  }

  int[] columns() {
    return columns.clone();
  }

  /** The matrix of {@link Syndromes}' page, written again. */
  static PlainMatrix of(int rows) {
    int[] columns = new int[64];
    for (int bit = 0; bit < 64; bit++) {
      int[] b = {bit >> 3 & 1, bit >> 4 & 1, bit >> 5 & 1};
      int[] g = {b[0] * b[1], b[0] * b[2], b[1] * b[2]};
      int column = 1 << 6;
      int e = 0;
      for (int k = 0; k < 3; k++) {
        int i = (bit >> k & 1) ^ g[k];
        column |= i << k | b[k] << (3 + k);
        e ^= b[k] & i;
      }
      columns[bit] = rows == 8 ? column | e << 7 : column;
    }
    return new PlainMatrix(columns);
  }

  int syndrome(long word) {
    int s = 0;
    for (int bit = 0; bit < 64; bit++) {
      s ^= (word >>> bit & 1) == 0 ? 0 : columns[bit];
    }
    return s;
  }

  boolean names(int syndrome) {
    for (int column : columns) {
      if (column == syndrome) {
        return true;
      }
    }
    return false;
  }
}
