package ai.kindred.federated;

/**
 * Which examples of a pool belong to which client. Nothing is stored for a client that has no list
 * of its own, so there may be millions.
 */
public interface Partition {

  /** Number of clients. */
  int clients();

  /** Number of a client's examples. */
  int size(int client);

  /**
   * The pool's row of an example.
   *
   * @param place 0 to {@code size(client) - 1}
   */
  int row(int client, int place);

  /** The client's name, for records; its number unless the data have names. */
  default String name(int client) {
    return Integer.toString(client);
  }
}
