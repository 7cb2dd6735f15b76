package ai.kindred.reliability.campaign;

/** What a target is measured by. */
public enum Measure {
  /** Right answers in percent. */
  ACCURACY("accuracy, %", "points"),
  /** Mean negative log-likelihood of a token in nats; its exponential is the perplexity. */
  LOSS("nats a token", "nats");

  private final String title;
  private final String unit;

  Measure(String title, String unit) {
    this.title = title;
    this.unit = unit;
  }

  /** For headings. */
  public String title() {
    return title;
  }

  /** What differences are counted in. */
  public String unit() {
    return unit;
  }

  /** How much worse a value is than a reference: positive is worse. */
  public double drop(double reference, double value) {
    return this == ACCURACY ? reference - value : value - reference;
  }

  /** The smallest drop that counts: a tenth of a point of accuracy, a hundredth of a nat. */
  public double margin() {
    return this == ACCURACY ? 0.1 : 0.01;
  }
}
