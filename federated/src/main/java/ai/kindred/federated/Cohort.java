package ai.kindred.federated;

import java.util.List;
import java.util.function.Supplier;

/**
 * The clients of one round, as an algorithm sees them: work goes out, answers come back merged. How
 * answers are weighted, clipped, noised, compressed and merged is the simulation's {@link
 * Collecting}, not the algorithm's.
 *
 * @param <B> a batch's tree of tensors
 */
public interface Cohort<B> {

  /** The round, from 0. */
  long round();

  /** The clients at work, in the order of their draw. */
  List<Integer> clients();

  /** Number of clients that there are in all. */
  int population();

  /**
   * Sends {@code sent} to every client and returns the merged answers: their weighted mean unless
   * the simulation merges otherwise.
   *
   * @throws NoAnswerException where no client gave a usable answer
   */
  <I, R> R mean(OnClient<B, I, R> work, I sent);

  /**
   * The same for work with a memory on each client.
   *
   * @param fresh the memory of a client that has not worked yet
   */
  <I, T, R> R mean(OnClient.Stateful<B, I, T, R> work, I sent, T fresh);

  /**
   * Starts work of the server's own that goes on while clients train. It must not change with the
   * order of the two.
   *
   * @return waits for the result, which then belongs to the caller's scope
   */
  <T> Supplier<T> meanwhile(Supplier<T> central);
}
