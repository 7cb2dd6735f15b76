package ai.kindred.core.nn;

import java.util.List;
import java.util.Optional;

/**
 * A product that knows how it can be made at once with others of the same input: see {@link Part}.
 */
public interface Joinable extends Linear {

  /**
   * One product whose columns are those of several, in their order.
   *
   * @param all the products, this one first
   * @return nothing where they cannot be joined
   */
  Optional<Linear> joined(List<Linear> all);
}
