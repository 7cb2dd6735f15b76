package ai.kindred.reliability.campaign;

/**
 * What a trial gave.
 *
 * @param value the target's measure
 * @param bits bits of memory, check bits included
 * @param flipped bits that were flipped
 * @param corrected words that the code repaired, rightly
 * @param detected words whose damage was seen and not undone
 * @param silent words that are wrong without a sign: not seen, or repaired into something else
 * @param wrong weights that are not what they were
 */
public record TrialResult(
    Trial trial,
    double value,
    long bits,
    long flipped,
    long corrected,
    long detected,
    long silent,
    long wrong) {}
