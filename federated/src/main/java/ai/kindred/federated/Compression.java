package ai.kindred.federated;

import java.util.SplittableRandom;

/** Makes an answer smaller before it is sent. */
@FunctionalInterface
public interface Compression {

  /**
   * An answer as it arrives.
   *
   * @param numbers what the server reads
   * @param bytes what had to be sent for it
   */
  @SuppressWarnings("ArrayRecordComponent") // Made once, read once.
  record Sent(float[] numbers, long bytes) {}

  /**
   * Compresses and restores.
   *
   * @param answer the client's numbers, which may be written over
   * @param random the client's own stream
   */
  Sent send(float[] answer, SplittableRandom random);
}
