package ai.kindred.core.lm.jinja;

/** What one rendering may take: steps, characters and elements made, depth. */
final class Budget {
  private static final int MAX_DEPTH = 200;

  private long left;
  private int depth;

  Budget(long steps) {
    left = steps;
  }

  /** Pays for work in proportion to a size. */
  void pay(long size) {
    left -= 1 + size;
    if (left < 0) {
      throw new JinjaException("the template takes too many steps or makes too much text");
    }
  }

  /** Pays for a text made or read. */
  void payText(long length) {
    pay(length / 2);
  }

  /** Pays for elements made, which take far more memory than characters. */
  void payElements(long count) {
    pay(16 * count);
  }

  /** Pays for a search of a text: the worst case is the product of the lengths. */
  void paySearch(int text, int pattern) {
    pay(text / 2 + (long) text * pattern / 64);
  }

  void enter() {
    pay(0);
    if (++depth > MAX_DEPTH) {
      throw new JinjaException("the template nests or calls itself too deep");
    }
  }

  void leave() {
    depth--;
  }
}
