package ai.kindred.federated;

import ai.kindred.core.workers.Workers;
import java.util.concurrent.Executor;

/**
 * What all rounds of a simulation share.
 *
 * @param sums adds trees
 * @param central runs the server's own work while clients train
 * @param stackable whether clients may run side by side
 */
record Engine<E>(
    ClientData<E> data,
    LocalTraining training,
    Collecting collecting,
    Workers workers,
    Executor central,
    StackKernels<E> kernels,
    TreeSums sums,
    Memories memories,
    long poolRows,
    boolean stackable) {}
