package ai.kindred.reliability.code;

import java.util.OptionalLong;

/**
 * Hears of damage while words are repaired, and decides what becomes of a word that the code cannot
 * repair.
 */
@FunctionalInterface
public interface DamageHandler {

  /** Leaves such words as they are; the next pass will see them again. */
  DamageHandler KEEP = damage -> OptionalLong.empty();

  /**
   * A word whose damage the code sees and cannot undo.
   *
   * @param word which word
   * @param plain the eight weights as they stand, damage and all
   * @param candidates the eight weights as they may have been, every one as likely by the code
   *     alone; empty where the code cannot say
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
  record Damage(int word, long plain, long[] candidates) {}

  /** The eight weights to put there, or nothing to leave the word as it is. */
  OptionalLong uncorrectable(Damage damage);

  /**
   * A word that was repaired.
   *
   * @param flipped the bits of the word that were undone; 0 where only check bits were
   */
  default void corrected(int word, long flipped) {}
}
