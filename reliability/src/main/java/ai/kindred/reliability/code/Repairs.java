package ai.kindred.reliability.code;

/**
 * What a pass over words found. Damage that looks like another word's smaller damage is counted as
 * that: no code can count its miscorrections.
 *
 * @param words words looked at
 * @param corrected words with damage that the code undid, rightly as far as it can know
 * @param detected words with damage that the code saw and could not undo
 */
public record Repairs(long words, long corrected, long detected) {

  /** Nothing looked at. */
  public static final Repairs NONE = new Repairs(0, 0, 0);

  /** Both passes together. */
  public Repairs plus(Repairs other) {
    return new Repairs(words + other.words, corrected + other.corrected, detected + other.detected);
  }

  /** Whether no damage was seen. */
  public boolean isClean() {
    return corrected == 0 && detected == 0;
  }
}
