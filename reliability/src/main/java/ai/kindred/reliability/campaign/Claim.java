package ai.kindred.reliability.campaign;

/**
 * One sentence of the paper, and what a campaign says to it.
 *
 * @param text what is claimed
 * @param network which network it was tried on
 * @param rule how it was judged, with the margin
 * @param verdict what came out
 * @param measured the figures behind it
 */
public record Claim(String text, String network, String rule, Verdict verdict, String measured) {

  /** What came out. */
  public enum Verdict {
    /** It holds here. */
    HOLDS("holds here"),
    /** It does not hold here. */
    FAILS("does not hold here"),
    /** The intervals are too wide to say, or what is needed was not run. */
    OPEN("not settled here");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }
}
