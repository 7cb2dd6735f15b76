package ai.kindred.federated.data;

import ai.kindred.core.data.KeyedPermutation;
import ai.kindred.core.kernel.Key;
import ai.kindred.federated.Partition;
import java.util.Objects;

/**
 * Partitions of which nothing is stored: a client's rows are a stretch of a permutation that is
 * computed place by place.
 */
final class Computed {
  private Computed() {}

  /** All rows once, sizes equal or one apart. */
  record Even(int rows, int clients, KeyedPermutation order) implements Partition {

    private int start(int client) {
      return (int) ((long) client * rows / clients);
    }

    @Override
    public int size(int client) {
      Objects.checkIndex(client, clients);
      return start(client + 1) - start(client);
    }

    @Override
    public int row(int client, int place) {
      return (int) order.at(start(client) + Objects.checkIndex(place, size(client)));
    }
  }

  /** Each client {@code each} rows; the pool is gone through again and again, in a new order. */
  record Virtual(int rows, int clients, int each, Key key) implements Partition {

    @Override
    public int size(int client) {
      Objects.checkIndex(client, clients);
      return each;
    }

    @Override
    public int row(int client, int place) {
      long at = (long) client * each + Objects.checkIndex(place, size(client));
      return (int) new KeyedPermutation(rows, key.fold(at / rows)).at(at % rows);
    }
  }
}
