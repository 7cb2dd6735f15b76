package ai.kindred.federated;

import ai.kindred.core.kernel.Key;
import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * The machines that clients run on, on a virtual clock: which are there when a round begins, and
 * how long each takes. Nothing waits in real time.
 */
public interface Devices extends Serializable {

  /** All are always there and take no time. */
  Devices IDEAL =
      new Devices() {
        @Override
        public boolean available(int client, double clock, Key key) {
          return true;
        }

        @Override
        public double seconds(int client, int steps, Key key) {
          return 0;
        }
      };

  /**
   * Whether a client that was drawn is there.
   *
   * @param clock virtual seconds since the run began
   * @param key the client's in this round
   */
  boolean available(int client, double clock, Key key);

  /**
   * Virtual seconds from the start of the round to the client's answer; infinite where it never
   * comes.
   *
   * @param steps that the client trains
   * @param key the client's in this round
   */
  double seconds(int client, int steps, Key key);

  /**
   * Devices whose speed is log-normal from client to client and the same in every round, that are
   * there with one probability and drop out with another.
   *
   * @param present probability to be there when drawn, in (0, 1]
   * @param dropOut probability that a client that began does not answer, in [0, 1)
   * @param secondsAStep median over clients, 0 or more
   * @param spread standard deviation of the logarithm of a client's seconds a step, 0 or more
   * @param seed of the clients' speeds
   */
  record LogNormal(double present, double dropOut, double secondsAStep, double spread, long seed)
      implements Devices {

    /** Checks the ranges. */
    public LogNormal {
      if (!(present > 0 && present <= 1)) {
        throw new IllegalArgumentException(
            "the probability to be there is above 0 and at most 1, not " + present);
      }
      if (!(dropOut >= 0 && dropOut < 1)) {
        throw new IllegalArgumentException(
            "the probability to drop out is at least 0 and below 1, not " + dropOut);
      }
      if (!(secondsAStep >= 0 && secondsAStep < Double.POSITIVE_INFINITY)
          || !(spread >= 0 && spread < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "seconds a step and their spread are finite and at least 0, not %s and %s"
                .formatted(secondsAStep, spread));
      }
    }

    @Override
    public boolean available(int client, double clock, Key key) {
      return key.fold("present").random().nextDouble() < present;
    }

    @Override
    public double seconds(int client, int steps, Key key) {
      if (key.fold("drop out").random().nextDouble() < dropOut) {
        return Double.POSITIVE_INFINITY;
      }
      SplittableRandom own = Key.of(seed).fold("speed").fold(client).random();
      // Box and Muller.
      double normal =
          Math.sqrt(-2 * Math.log(1 - own.nextDouble())) * Math.cos(2 * Math.PI * own.nextDouble());
      return steps * secondsAStep * Math.exp(spread * normal);
    }
  }
}
