package ai.kindred.reliability.fault;

/**
 * One bit that is wrong.
 *
 * @param tensor which tensor
 * @param bit which of its bits: bit 0 is the lowest of the first byte; check bytes follow the words
 * @param kind what is wrong with it
 */
public record Fault(String tensor, long bit, Kind kind) {

  /** What is wrong with a bit. */
  public enum Kind {
    /** It has changed once. */
    FLIP,
    /** It reads 0 whatever is written. */
    STUCK_AT_0,
    /** It reads 1 whatever is written. */
    STUCK_AT_1
  }
}
