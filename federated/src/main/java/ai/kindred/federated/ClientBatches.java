package ai.kindred.federated;

import ai.kindred.core.kernel.Key;

/**
 * The rows that one client trains on in one round, drawn from the client's key alone.
 *
 * @param rows [steps x width] rows of the pool, -1 where a batch is filled up
 * @param steps number of batches
 * @param passSteps how many of them are the first pass
 * @param examples number of the client's examples
 * @param keys a random key for each step
 */
@SuppressWarnings("ArrayRecordComponent") // Made once, read once.
record ClientBatches(int[] rows, int steps, int passSteps, int examples, long[] keys) {

  /**
   * Draws the batches.
   *
   * @param width rows of a batch, filled up; at most the batch size of {@code training}
   * @throws IllegalArgumentException where the partition names a row that the pool does not have
   */
  static ClientBatches draw(
      Partition partition, int client, long poolRows, LocalTraining training, int width, Key key) {
    int n = partition.size(client);
    int steps = training.stepsOf(n);
    int aPass = training.batchesAPass(n);
    int[] order = new int[n];
    int[] rows = new int[Math.multiplyExact(steps, width)];
    for (int s = 0; s < steps; s++) {
      int batch = s % aPass;
      if (batch == 0) {
        fill(partition, client, poolRows, order, training, key.fold(s / aPass));
      }
      int from = batch * training.batch();
      int count = Math.min(training.batch(), n - from);
      for (int i = 0; i < width; i++) {
        rows[s * width + i] = i < count ? order[from + i] : -1;
      }
    }
    Key forSteps = key.fold("steps");
    long[] keys = new long[steps];
    for (int s = 0; s < steps; s++) {
      keys[s] = forSteps.fold(s).seed();
    }
    return new ClientBatches(rows, steps, Math.min(steps, aPass), n, keys);
  }

  private static void fill(
      Partition partition,
      int client,
      long poolRows,
      int[] order,
      LocalTraining training,
      Key key) {
    for (int i = 0; i < order.length; i++) {
      int row = partition.row(client, i);
      if (row < 0 || row >= poolRows) {
        throw new IllegalArgumentException(
            "example %d of client %s is row %d of a pool of %d examples"
                .formatted(i, partition.name(client), row, poolRows));
      }
      order[i] = row;
    }
    if (!training.shuffled()) {
      return;
    }
    Shuffle.shuffle(order, key.random());
  }
}
