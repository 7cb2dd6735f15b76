package ai.kindred.core.kernel;

import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Loaded programs by their text, so that equal kernels share one. Those used last stay, up to a
 * number of characters. One that is dropped lives on in the kernels that hold it and in the calls
 * that run it; when the last of them is unreachable, its native module is freed, by no call's
 * thread.
 */
final class Programs {

  /** A loaded program takes about 220 bytes a character (libtorch 2.7): in all a quarter GB. */
  private static final long MOST_CHARACTERS = 1L << 20;

  /** What a program of one line counts for: it takes 60 to 75 KB. */
  static final long LEAST_CHARACTERS = 512;

  private static final Cleaner CLEANER = Cleaner.create();

  static final Programs SHARED = new Programs(MOST_CHARACTERS);

  private final long most;
  private final Map<String, Program> recent = new LinkedHashMap<>(16, 0.75f, true);
  private final AtomicInteger alive = new AtomicInteger();
  private long characters;

  Programs(long mostCharacters) {
    this.most = mostCharacters;
  }

  /** The loaded program of a text. */
  Program of(ProgramText text) {
    Program known = get(text.program());
    if (known != null) {
      return known;
    }
    // Not under the lock: loading takes milliseconds, and calls of other programs need not wait.
    Program loaded = Program.load(text);
    alive.incrementAndGet();
    Runnable free = loaded.freeing();
    CLEANER.register(
        loaded,
        () -> {
          free.run();
          alive.decrementAndGet();
        });
    return put(text.program(), loaded);
  }

  private synchronized @Nullable Program get(String text) {
    return recent.get(text);
  }

  /** The program that stays: another thread may have loaded the same text meanwhile. */
  private synchronized Program put(String text, Program loaded) {
    Program first = recent.putIfAbsent(text, loaded);
    if (first != null) {
      return first;
    }
    characters += weight(text);
    Iterator<String> oldestFirst = recent.keySet().iterator();
    while (characters > most && recent.size() > 1) {
      characters -= weight(oldestFirst.next());
      oldestFirst.remove();
    }
    return loaded;
  }

  private static long weight(String text) {
    return Math.max(LEAST_CHARACTERS, text.length());
  }

  /** Number of programs that stay. */
  synchronized int kept() {
    return recent.size();
  }

  /** Number of native modules that are not freed yet. */
  int alive() {
    return alive.get();
  }
}
