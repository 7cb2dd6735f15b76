package ai.kindred.federated;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How the answers of single clients become one, where that is not their weighted mean: robust
 * estimates that a few broken or hostile clients cannot move far.
 */
@FunctionalInterface
public interface Merge {

  /**
   * Merges answers.
   *
   * @param answers at least one, each a vector of double that may be written over
   * @param weights one for each, positive
   * @return a vector of their length
   */
  INDArray merge(List<INDArray> answers, double[] weights);
}
