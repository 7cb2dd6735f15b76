package ai.kindred.core.data.world;

/** How a user uses the stars: a shift of every rating. */
public enum Strictness {
  STRICT(-0.8),
  BALANCED(0),
  GENEROUS(0.8);

  private final double shift;

  Strictness(double shift) {
    this.shift = shift;
  }

  /** Stars added to every rating before rounding. */
  public double shift() {
    return shift;
  }
}
