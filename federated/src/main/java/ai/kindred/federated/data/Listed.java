package ai.kindred.federated.data;

import ai.kindred.federated.Partition;
import java.util.List;
import java.util.Objects;

/**
 * A partition that lists its rows: four bytes an example and four a client.
 *
 * @param rows all clients' rows, one client after the other
 * @param starts where each client's rows begin, and the end
 * @param names of clients, or empty where they are numbers
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, read only, never compared.
record Listed(int[] rows, int[] starts, List<String> names) implements Partition {

  @Override
  public int clients() {
    return starts.length - 1;
  }

  @Override
  public int size(int client) {
    return starts[client + 1] - starts[client];
  }

  @Override
  public int row(int client, int place) {
    return rows[starts[client] + Objects.checkIndex(place, size(client))];
  }

  @Override
  public String name(int client) {
    return names.isEmpty() ? Partition.super.name(client) : names.get(client);
  }
}
