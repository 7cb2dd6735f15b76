package ai.kindred.reliability.campaign;

import java.util.List;

/**
 * A network of a campaign.
 *
 * @param name as in tables
 * @param plain trained as usual
 * @param trained trained to fit the in-place code, one a seed; empty if there is none
 */
public record Subject(String name, Target plain, List<Target> trained) {

  /** Copies; names keep to one word of a log's line. */
  public Subject {
    trained = List.copyOf(trained);
    if (name.isEmpty() || name.chars().anyMatch(c -> c < ' ')) {
      throw new IllegalArgumentException("'" + name + "' is no name for a network");
    }
  }
}
