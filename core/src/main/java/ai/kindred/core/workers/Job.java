package ai.kindred.core.workers;

import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One call's work, done by every thread that runs it; the lock is the job itself.
 *
 * <p>A thread waits only for items of this job that another thread holds, and those wait at most
 * for jobs that they started: waits go down the tree of nested calls, so there is no cycle.
 */
final class Job<K, R> implements Runnable {
  private static final int NONE = -1;

  /** Receives results as they come, on many threads. */
  interface Sink<R> {
    void accept(int index, R result);
  }

  private final List<K> keys;
  private final Workers.Task<? super K, ? extends R> task;
  private final Sink<R> sink;
  private final int window;
  private final Thread owner = Thread.currentThread();

  /** Items in work, with the thread that holds each. */
  private final TreeMap<Integer, Thread> running = new TreeMap<>();

  private int next;
  private boolean interrupted;
  private @Nullable WorkException failure;

  /** A job that never starts an item {@code window} or more places past the first in work. */
  Job(List<K> keys, Workers.Task<? super K, ? extends R> task, Sink<R> sink, int window) {
    this.keys = List.copyOf(keys);
    this.task = task;
    this.sink = sink;
    this.window = window;
  }

  int size() {
    return keys.size();
  }

  /** Works until no item is left. */
  @Override
  public void run() {
    for (int index = take(); index != NONE; index = take()) {
      @Nullable WorkException failed;
      K key = keys.get(index);
      try {
        R result = Objects.requireNonNull(task.apply(key), "the task returned null");
        failed = given(index, result);
      } catch (Throwable e) {
        // An Error too must reach the caller: nobody reads what a pool thread dies of.
        failed = new WorkException("working on", key, index, e);
      }
      finish(index, failed);
    }
  }

  private @Nullable WorkException given(int index, R result) {
    try {
      sink.accept(index, result);
      return null;
    } catch (WorkException e) {
      return e.on(keys.get(e.index()));
    }
  }

  private synchronized int take() {
    while (!stopped() && next < size() && !running.isEmpty() && tooFarAhead()) {
      try {
        wait();
      } catch (InterruptedException e) {
        stopAll();
      }
    }
    if (Thread.currentThread() == owner && owner.isInterrupted()) {
      stopAll();
    }
    if (stopped() || next >= size()) {
      return NONE;
    }
    running.put(next, Thread.currentThread());
    return next++;
  }

  private boolean tooFarAhead() {
    return next - running.firstKey() >= window;
  }

  private boolean stopped() {
    return interrupted || failure != null;
  }

  private synchronized void finish(int index, @Nullable WorkException failed) {
    running.remove(index);
    if (Thread.currentThread() != owner) {
      Thread.interrupted(); // an interrupt meant for this item must not reach the next job
    }
    if (failed != null && (failure == null || failed.index() < failure.index())) {
      failure = failed;
      running.tailMap(index).values().forEach(this::interrupt);
    }
    notifyAll();
  }

  private void stopAll() {
    interrupted = true;
    running.values().forEach(this::interrupt);
    notifyAll();
  }

  /** The owner's flag belongs to whoever interrupts the caller: it only checks between items. */
  private void interrupt(Thread thread) {
    if (thread != owner) {
      thread.interrupt();
    }
  }

  /** Waits until no thread is in this job, then throws what went wrong, if anything. */
  synchronized void await() {
    while (!running.isEmpty() || (!stopped() && next < size())) {
      try {
        wait();
      } catch (InterruptedException e) {
        stopAll();
      }
    }
    if (interrupted) {
      owner.interrupt();
      throw new CancellationException(
          "interrupted after %d of %d items were started".formatted(next, size()));
    }
    if (failure != null) {
      throw failure;
    }
  }
}
