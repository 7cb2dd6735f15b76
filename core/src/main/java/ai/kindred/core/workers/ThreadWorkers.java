package ai.kindred.core.workers;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;

/**
 * Workers on the threads of this machine.
 *
 * <p>Keys are taken up in order. A fold never runs further ahead of its slowest item than eight
 * items a thread, so at most O(threads + log n) results are alive. When work fails or the caller is
 * interrupted, the threads at work on later keys are interrupted, and the call returns when they
 * have left their tasks: then nothing uses what the caller is about to free.
 *
 * <p>A task may itself use workers, these or others: its thread then works along, so this never
 * deadlocks. Threads are daemons.
 */
public final class ThreadWorkers implements Workers, AutoCloseable {
  private static final int WINDOW_PER_THREAD = 8;

  private final int threads;
  private final ExecutorService pool;

  /**
   * Workers on a number of threads.
   *
   * @param threads at least 1
   */
  public ThreadWorkers(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads is " + threads + "; give at least 1");
    }
    this.threads = threads;
    AtomicInteger made = new AtomicInteger();
    this.pool =
        Executors.newFixedThreadPool(threads, r -> new WorkerThread(r, made.incrementAndGet()));
  }

  @Override
  public <K, R> List<R> map(List<K> keys, Task<? super K, ? extends R> task) {
    AtomicReferenceArray<R> results = new AtomicReferenceArray<>(keys.size());
    run(new Job<K, R>(keys, task, results::set, keys.size()));
    return IntStream.range(0, keys.size()).mapToObj(results::get).toList();
  }

  @Override
  public <K, R> R mapFold(List<K> keys, Task<? super K, ? extends R> task, Merge<R> merge) {
    TreeFold<R> fold = new TreeFold<>(keys.size(), merge);
    run(new Job<K, R>(keys, task, fold::add, WINDOW_PER_THREAD * threads));
    return fold.result();
  }

  private void run(Job<?, ?> job) {
    int helpers = Math.min(threads, job.size());
    try {
      for (int i = 0; i < helpers; i++) {
        pool.execute(job);
      }
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("these workers are closed", e);
    }
    if (Thread.currentThread() instanceof WorkerThread) {
      job.run();
    }
    job.await();
  }

  /** Takes no new work and lets its threads go; work in progress ends as it would. */
  @Override
  public void close() {
    pool.shutdown();
  }

  private static final class WorkerThread extends Thread {
    WorkerThread(Runnable work, int number) {
      super(work, "kindred-worker-" + number);
      setDaemon(true);
    }
  }
}
