package ai.kindred.core.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.kindred.core.kernel.Key;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class ThreadWorkersTest {

  private static List<Integer> indices(int n) {
    return IntStream.range(0, n).boxed().toList();
  }

  /** A value of wildly varying size, so that every order of summation rounds differently. */
  private static double value(int i) {
    var random = Key.of(11).fold(i).random();
    return random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-8, 9));
  }

  private static double referenceSum(int from, int to) {
    if (to - from == 1) {
      return value(from);
    }
    int split = Integer.highestOneBit(to - from - 1);
    return referenceSum(from, from + split) + referenceSum(from + split, to);
  }

  private static void jitter(int i) {
    LockSupport.parkNanos(Key.of(12).fold(i).random().nextInt(200_000));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void sumsToTheSameBitsAtAnyNumberOfThreads(int threads) {
    try (ThreadWorkers workers = new ThreadWorkers(threads)) {
      for (int n : new int[] {1, 2, 3, 5, 64, 501}) {
        double sum =
            workers.mapFold(
                indices(n),
                i -> {
                  jitter(i);
                  return value(i);
                },
                Double::sum);
        assertThat(sum).isEqualTo(referenceSum(0, n));
      }
      double inOrder =
          indices(501).stream().mapToDouble(ThreadWorkersTest::value).reduce(0, (a, b) -> a + b);
      assertThat(inOrder).as("the tree's order matters here").isNotEqualTo(referenceSum(0, 501));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void mapsInTheOrderOfTheKeys(int threads) {
    try (ThreadWorkers workers = new ThreadWorkers(threads)) {
      List<String> results =
          workers.map(
              indices(100),
              i -> {
                jitter(i);
                return "r" + i;
              });
      assertThat(results).isEqualTo(indices(100).stream().map(i -> "r" + i).toList());
      assertThat(workers.map(List.<Integer>of(), i -> i)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void keepsFewResultsAlive(int threads) {
    int n = 2000;
    AtomicInteger alive = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ThreadWorkers workers = new ThreadWorkers(threads)) {
      workers.mapFold(
          indices(n),
          i -> {
            if (i % 97 == 0) {
              LockSupport.parkNanos(2_000_000); // the others would run far ahead of this one
            }
            most.accumulateAndGet(alive.incrementAndGet(), Math::max);
            return 1;
          },
          (a, b) -> {
            alive.decrementAndGet();
            return a + b;
          });
    }
    assertThat(alive.get()).isEqualTo(1);
    assertThat(most.get()).isLessThanOrEqualTo(9 * threads + 12); // log2(2000) is 11
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void reportsTheEarliestFailureWithItsKeyAndCancelsTheRest(int threads) {
    AtomicInteger started = new AtomicInteger();
    try (ThreadWorkers workers = new ThreadWorkers(threads)) {
      Throwable failure =
          catchThrowable(
              () ->
                  workers.map(
                      indices(1000).stream().map(i -> "client-" + i).toList(),
                      key -> {
                        started.incrementAndGet();
                        if (key.equals("client-3")) {
                          LockSupport.parkNanos(30_000_000); // client-4 fails first
                          throw new IllegalStateException("loss is NaN");
                        }
                        if (key.equals("client-4")) {
                          throw new IllegalStateException("too late to matter");
                        }
                        if (!key.matches("client-[0-4]")) {
                          LockSupport.parkNanos(10_000_000); // a thousand of these take long
                        }
                        return key;
                      }));
      assertThat(failure)
          .isInstanceOf(WorkException.class)
          .hasMessage(
              "failed working on client-3 (item 3): java.lang.IllegalStateException: loss is NaN")
          .hasCauseInstanceOf(IllegalStateException.class);
      assertThat(((WorkException) failure).key()).isEqualTo("client-3");
      assertThat(((WorkException) failure).index()).isEqualTo(3);
      assertThat(started.get()).isLessThan(500);
      assertThat(workers.map(List.of(1, 2), i -> i + 1)).containsExactly(2, 3);
    }
  }

  @Test
  void interruptsWorkOnLaterKeysAfterAFailure() {
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch sleeping = new CountDownLatch(1);
    try (ThreadWorkers workers = new ThreadWorkers(2)) {
      assertThatThrownBy(
              () ->
                  workers.map(
                      List.of("fails", "sleeps"),
                      key -> {
                        try {
                          if (key.equals("sleeps")) {
                            sleeping.countDown();
                            Thread.sleep(Duration.ofMinutes(5).toMillis());
                          }
                          sleeping.await();
                          throw new IllegalStateException("no data");
                        } catch (InterruptedException e) {
                          interrupted.incrementAndGet();
                          throw new IllegalStateException(e);
                        }
                      }))
          .hasMessageContaining("working on fails");
      assertThat(interrupted.get()).isEqualTo(1);
      List<Boolean> flags = workers.map(indices(8), i -> Thread.currentThread().isInterrupted());
      assertThat(flags).as("an interrupt reaches no later job").containsOnly(false);
    }
  }

  @Test
  void carriesErrorsNullsAndFailedMergesToTheCaller() {
    try (ThreadWorkers workers = new ThreadWorkers(2)) {
      assertThatThrownBy(
              () ->
                  workers.map(
                      List.of("a"),
                      key -> {
                        throw new OutOfMemoryError("no room");
                      }))
          .isInstanceOf(WorkException.class)
          .hasCauseInstanceOf(OutOfMemoryError.class);
      assertThatThrownBy(() -> workers.map(List.of("a"), key -> System.getProperty("no.such")))
          .hasMessageContaining("working on a")
          .hasMessageContaining("the task returned null");
      assertThatThrownBy(
              () ->
                  workers.mapFold(
                      List.of("a", "b", "c", "d", "e"),
                      key -> key,
                      (x, y) -> {
                        if (x.equals("c")) {
                          throw new IllegalArgumentException("shapes differ");
                        }
                        return x + y;
                      }))
          .isInstanceOf(WorkException.class)
          .hasMessageStartingWith(
              "failed merging the results of items 2 to 3, the last with key d");
      assertThatThrownBy(() -> workers.mapFold(List.<String>of(), k -> k, (x, y) -> x))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("nothing to fold: 0 items; give at least 1");
    }
  }

  @Test
  void stopsPromptlyWhenTheCallerIsInterruptedAndRestoresItsFlag() throws InterruptedException {
    CountDownLatch atWork = new CountDownLatch(2);
    AtomicInteger left = new AtomicInteger();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    AtomicReference<Boolean> flag = new AtomicReference<>();
    try (ThreadWorkers workers = new ThreadWorkers(2)) {
      Thread caller =
          new Thread(
              () -> {
                thrown.set(
                    catchThrowable(
                        () ->
                            workers.mapFold(
                                indices(50),
                                i -> {
                                  atWork.countDown();
                                  try {
                                    Thread.sleep(Duration.ofMinutes(5).toMillis());
                                  } catch (InterruptedException e) {
                                    left.incrementAndGet();
                                    throw new IllegalStateException(e);
                                  }
                                  return i;
                                },
                                Integer::sum)));
                flag.set(Thread.currentThread().isInterrupted());
              });
      caller.start();
      assertThat(atWork.await(10, TimeUnit.SECONDS)).isTrue();
      caller.interrupt();
      caller.join(5000);
      assertThat(caller.isAlive()).isFalse();
      assertThat(thrown.get())
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted after 2 of 50 items were started");
      assertThat(flag.get()).isTrue();
      assertThat(left.get()).as("no thread is still in a task").isEqualTo(2);
      assertThat(workers.map(List.of(1), i -> i)).containsExactly(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void nestsWithoutDeadlock(int threads) {
    try (ThreadWorkers outer = new ThreadWorkers(threads);
        ThreadWorkers other = new ThreadWorkers(1)) {
      int sum =
          outer.mapFold(
              indices(20),
              i ->
                  outer.mapFold(
                      indices(20),
                      j ->
                          other.mapFold(
                              indices(3), k -> outer.map(List.of(k), x -> x).get(0), Integer::sum),
                      Integer::sum),
              Integer::sum);
      assertThat(sum).isEqualTo(20 * 20 * 3);
    }
  }

  @Test
  void namesBothKeysOfANestedFailure() {
    try (ThreadWorkers workers = new ThreadWorkers(2)) {
      assertThatThrownBy(
              () ->
                  workers.map(
                      List.of("round-1"),
                      round ->
                          workers.map(
                              List.of("client-9"),
                              client -> {
                                throw new IllegalStateException("empty");
                              })))
          .hasMessageContaining("working on round-1")
          .hasMessageContaining("working on client-9");
    }
  }

  @Test
  void refusesWorkAfterClosingAndSillyThreadCounts() {
    ThreadWorkers workers = new ThreadWorkers(1);
    workers.close();
    assertThatThrownBy(() -> workers.map(List.of(1), i -> i))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("these workers are closed");
    assertThatThrownBy(() -> new ThreadWorkers(0)).hasMessage("threads is 0; give at least 1");
  }

  @Test
  void tasksAndMergesCanTravel() throws Exception {
    double factor = 2.5;
    Workers.Task<Integer, Double> task = i -> i * factor;
    Workers.Merge<Double> merge = Double::sum;
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(task);
      out.writeObject(merge);
      out.writeObject(new WorkException("working on", new Object(), 3, new Exception("x")));
    }
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(((Workers.Task<?, ?>) in.readObject()).getClass()).isNotNull();
      assertThat(((Workers.Merge<?>) in.readObject()).getClass()).isNotNull();
      assertThat(((WorkException) in.readObject()).index()).isEqualTo(3);
    }
  }
}
