package ai.kindred.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.reliability.code.CodewordSecded57;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fit.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two scrubbers, an injector, a writer and a generator on the same memory at once, in the manner of
 * jcstress: nobody waits for anybody. The injector hits any bit, check bits too, but a word again
 * only once it is whole. So every word has at most one flip at any time, and
 *
 * <ul>
 *   <li>no scrubber ever sees a double (it would raise),
 *   <li>no repair is wrong: in the end all memory is as it was, or as the writer left it,
 *   <li>no update is lost: the writer's last words are there,
 *   <li>the generator runs on throughout (a flip of an exponent it may report as such), and writes
 *       afterwards what it wrote before.
 * </ul>
 */
class ConcurrencyTest {

  @TempDir private Path folder;

  @Test
  void fiveSeconds() throws Exception {
    stress(5, Format.CODEWORDS);
  }

  @Test
  @Tag("slow")
  void minutes() throws Exception {
    stress(120, Format.CODEWORDS);
    stress(60, Format.BESIDE);
  }

  /** What all words and check bytes of a tensor should be. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Expected(Words words, long[] data, byte[] checks) {
    static Expected of(ProtectedTensor t) {
      Words words = t.words();
      long[] data = new long[words.count()];
      for (int i = 0; i < data.length; i++) {
        data[i] = words.get(i);
      }
      byte[] checks = new byte[words.checks().remaining()];
      words.checks().get(checks);
      return new Expected(words, data, checks);
    }

    boolean isWhole(int word) {
      int per = words.checkBytes();
      ByteBuffer now = words.checks();
      boolean same = words.get(word) == data[word];
      for (int k = word * per; k < (word + 1) * per; k++) {
        same &= now.get(k) == checks[k];
      }
      return same;
    }

    /** Flips one bit of a word or of what is beside it, if it is whole. */
    boolean hit(SplittableRandom random) {
      int word = random.nextInt(data.length);
      int per = Byte.SIZE * words.checkBytes();
      if (!isWhole(word)) {
        return false;
      }
      int bit = random.nextInt(Long.SIZE + per);
      words.flip(
          bit < Long.SIZE
              ? (long) Long.SIZE * word + bit
              : (long) Long.SIZE * data.length + (long) per * word + bit - Long.SIZE);
      return true;
    }
  }

  private void stress(int seconds, Format format) throws IOException, InterruptedException {
    try (Scope scope = Scope.open()) {
      ProtectedModel safe =
          scope.adopt(
              ProtectedModel.protect(
                  SmallModel.int8(SmallModel.folder(folder.resolve(format.name()))),
                  new ProtectionOptions(List.of(format), Reading.IN_KERNEL, Doubles.RAISE)));
      CodewordSecded57 code = new CodewordSecded57();
      ProtectedTensor updated =
          ProtectedTensor.encode("updated", ByteBuffer.allocate(8 * 500), code);
      List<ProtectedTensor> memory = new ArrayList<>(safe.memory());
      memory.add(updated);
      List<Expected> expected = memory.stream().map(Expected::of).toList();
      Expected writers = expected.get(expected.size() - 1);
      Generation settings = new Generation(16, Generation.greedy(16).sampling(), 0, true);
      AtomicBoolean stop = new AtomicBoolean();
      Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
      AtomicLong hits = new AtomicLong();
      AtomicLong writes = new AtomicLong();
      try (Generator generator = new Generator(safe.model());
          Scrubber a = Scrubber.start(memory, Doubles.RAISE, 1L << 28);
          Scrubber b = Scrubber.start(memory, Doubles.RAISE, 1L << 28)) {
        List<int[]> prompts = List.of(new int[] {5, 6});
        List<Generated> before = generator.generate(prompts, settings);
        List<Thread> threads =
            List.of(
                actor(
                    "injector",
                    stop,
                    failures,
                    random -> {
                      int t = random.nextInt(expected.size() - 1);
                      boolean own = random.nextInt(8) == 0;
                      boolean hit =
                          own
                              ? hitValid(writers.words(), code, random)
                              : expected.get(t).hit(random);
                      hits.addAndGet(hit ? 1 : 0);
                    }),
                actor(
                    "writer",
                    stop,
                    failures,
                    random -> {
                      int word = random.nextInt(writers.data().length);
                      long next = code.nearest(random.nextLong()).orElseThrow();
                      writers.words().set(word, next);
                      writers.data()[word] = next;
                      writes.incrementAndGet();
                    }));
        threads.forEach(Thread::start);
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long texts = 0;
        long nonsense = 0;
        while (System.nanoTime() < end && failures.isEmpty()) {
          nonsense += isNonsense(generator, prompts, settings) ? 1 : 0;
          texts++;
        }
        stop.set(true);
        for (Thread thread : threads) {
          thread.join();
        }
        assertThat(failures).isEmpty();
        long corrected = a.progress().repairs().corrected() + b.progress().repairs().corrected();
        for (ProtectedTensor t : memory) {
          corrected += t.scrub(Doubles.RAISE).corrected();
        }
        assertThat(a.progress().repairs().detected() + b.progress().repairs().detected()).isZero();
        for (Expected e : expected) {
          for (int word = 0; word < e.data().length; word++) {
            assertThat(e.isWhole(word)).isTrue();
          }
        }
        assertThat(generator.generate(prompts, settings).get(0).ids())
            .isEqualTo(before.get(0).ids());
        assertThat(texts).isGreaterThan(nonsense);
        assertThat(writes.get()).isGreaterThan(1000L * seconds);
        assertThat(corrected).isBetween(100L * seconds, hits.get());
      }
    }
  }

  /** Whether a flip that was not yet repaired made scores infinite, which a generator reports. */
  private static boolean isNonsense(Generator generator, List<int[]> prompts, Generation settings) {
    try {
      generator.generate(prompts, settings);
      return false;
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("scores are not numbers");
      return true;
    }
  }

  /** A flip in a word that the writer may be writing: whatever it is, it is whole before. */
  private static boolean hitValid(Words words, CodewordSecded57 code, SplittableRandom random) {
    int word = random.nextInt(words.count());
    boolean whole = code.fits(words.get(word));
    if (whole) {
      words.flip((long) Long.SIZE * word + random.nextInt(Long.SIZE));
    }
    return whole;
  }

  private interface Step {
    void run(SplittableRandom random);
  }

  private static Thread actor(
      String name, AtomicBoolean stop, Queue<Throwable> failures, Step step) {
    Thread thread =
        new Thread(
            () -> {
              SplittableRandom random = Key.of(1).fold(name).random();
              while (!stop.get()) {
                step.run(random);
              }
            },
            name);
    thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
    return thread;
  }
}
