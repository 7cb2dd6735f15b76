package ai.kindred.federated;

import java.io.Serializable;

/** How much a client's answer counts in the mean. */
@FunctionalInterface
public interface Weighting extends Serializable {

  /** By the number of a client's examples: the mean over examples. */
  Weighting EXAMPLES = (client, examples) -> examples;

  /** Every client the same: the mean over clients. */
  Weighting UNIFORM = (client, examples) -> 1;

  /** A weight, finite and not negative; 0 leaves the client out. */
  double weight(int client, int examples);
}
