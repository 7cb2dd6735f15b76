package ai.kindred.reliability.fault;

import ai.kindred.reliability.code.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Faults in memory that is in use. Each bit is changed atomically, so that readers, repairs and
 * other injections may go on meanwhile. Closing puts every bit back to what it was before, whether
 * or not it has been repaired since.
 */
public final class Injection implements AutoCloseable {

  private record Hit(Words words, Fault fault, boolean before) {}

  private final List<Hit> hits = new ArrayList<>();

  private Injection() {}

  /**
   * Puts faults in.
   *
   * @param memory by name of tensor
   * @throws IllegalArgumentException where a fault names no tensor or no bit of it; nothing is
   *     changed then
   */
  public static Injection into(Map<String, Words> memory, FaultList faults) {
    Injection injection = new Injection();
    for (Fault fault : faults.faults()) {
      Words words = memory.get(fault.tensor());
      if (words == null || fault.bit() < 0 || fault.bit() >= words.bits()) {
        throw new IllegalArgumentException(
            "no memory for bit " + fault.bit() + " of tensor " + fault.tensor());
      }
      injection.hits.add(new Hit(words, fault, words.isSet(fault.bit())));
    }
    injection.strike(true);
    return injection;
  }

  /** Number of bits that differ from what they should be now, among those that were hit. */
  public long wrong() {
    return hits.stream().filter(h -> h.words().isSet(h.fault().bit()) != h.before()).count();
  }

  /** Lets stuck cells be stuck: after a repair or a write they read again what they read. */
  public void holdStuck() {
    strike(false);
  }

  private void strike(boolean flips) {
    for (Hit hit : hits) {
      boolean now = hit.words().isSet(hit.fault().bit());
      boolean change =
          switch (hit.fault().kind()) {
            case FLIP -> flips;
            case STUCK_AT_0 -> now;
            case STUCK_AT_1 -> !now;
          };
      if (change) {
        hit.words().flip(hit.fault().bit());
      }
    }
  }

  /** Puts every bit back. */
  @Override
  public void close() {
    for (Hit hit : hits) {
      if (hit.words().isSet(hit.fault().bit()) != hit.before()) {
        hit.words().flip(hit.fault().bit());
      }
    }
  }
}
