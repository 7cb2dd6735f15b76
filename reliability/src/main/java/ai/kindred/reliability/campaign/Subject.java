package ai.kindred.reliability.campaign;

import java.util.List;

/**
 * A network of a campaign.
 *
 * @param name as in tables
 * @param plain trained as usual
 * @param trained trained to fit the in-place code, one a seed; empty if there is none
 * @param pairs for each of these what its drop is counted from: a network trained as usual from the
 *     same seed, the first of them {@code plain}; empty where all are counted from {@code plain}
 */
public record Subject(String name, Target plain, List<Target> trained, List<Target> pairs) {

  /** Copies; names keep to one word of a log's line. */
  public Subject {
    trained = List.copyOf(trained);
    pairs = List.copyOf(pairs);
    if (name.isEmpty() || name.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException("'" + name + "' is no name for a network");
    }
    if (!pairs.isEmpty() && (pairs.size() != trained.size() || pairs.get(0) != plain)) {
      throw new IllegalArgumentException(
          name
              + ": "
              + pairs.size()
              + " networks to compare with for "
              + trained.size()
              + " trained ones; give one for each, the plain one first, or none");
    }
  }

  /** A network whose drops are all counted from the plain one. */
  public Subject(String name, Target plain, List<Target> trained) {
    this(name, plain, trained, List.of());
  }
}
