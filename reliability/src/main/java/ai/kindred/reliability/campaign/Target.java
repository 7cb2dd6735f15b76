package ai.kindred.reliability.campaign;

import java.util.List;

/** A network that is put to the test. Its own weights are floats; strategies quantise them. */
public interface Target extends WeightSource {

  /** What it is measured by. */
  Measure measure();

  /** What faults may hit, in an order that does not change. */
  List<Matrix> matrices();

  /**
   * Measures the network with other weights in place of its own. Several threads may call it at
   * once; the same weights give the same bits.
   *
   * @param weights knows every matrix; values may be anything that a format can hold
   */
  double evaluate(WeightSource weights);
}
