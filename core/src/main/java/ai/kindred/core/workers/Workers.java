package ai.kindred.core.workers;

import java.io.Serializable;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;

/**
 * Maps keyed items, and folds the results in an order that depends on the list alone: the same list
 * gives the same bits on one thread, on many, and on many machines.
 *
 * <p>A key is a small value that names a piece of work (a client, a user, the index of an example);
 * the task finds its data by it. Every random draw inside a task comes from the key.
 *
 * <pre>{@code
 * Params sum = workers.mapFold(cohort, client -> train(client), Params::add);
 * }</pre>
 */
public interface Workers {

  /**
   * Runs a task for every key.
   *
   * @return the results, in the order of {@code keys}
   * @throws WorkException if a task fails: the failure of the earliest key, as in a plain loop;
   *     work on later keys is interrupted
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; its
   *     flag is set again
   */
  <K, R> List<R> map(List<K> keys, Task<? super K, ? extends R> task);

  /**
   * Runs a task for every key and merges the results through the tree of {@link TreeFold}, as soon
   * as both sides of a merge are there.
   *
   * @param keys at least one
   * @param merge may reuse or free its arguments: each result is given to one merge and then
   *     dropped
   * @throws IllegalArgumentException if there is no key, since nothing would be the result
   * @throws WorkException if a task or a merge fails, as in {@link #map}
   * @throws java.util.concurrent.CancellationException if the calling thread is interrupted; its
   *     flag is set again
   */
  <K, R> R mapFold(List<K> keys, Task<? super K, ? extends R> task, Merge<R> merge);

  /** What is done for a key. A lambda is one; it can travel if what it captures can. */
  @FunctionalInterface
  interface Task<K, R> extends Function<K, R>, Serializable {}

  /** Joins the results of two neighbouring runs of keys, the earlier one first. */
  @FunctionalInterface
  interface Merge<R> extends BinaryOperator<R>, Serializable {}
}
