package ai.kindred.peft;

import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Adapter folders by name over one base model, of which only the most recently used are in memory.
 * Adapters may be added and removed while others are in use; all methods may be called from any
 * thread.
 *
 * <pre>{@code
 * try (AdapterStore<LanguageModel> store = AdapterStore.of(base, 32)) {
 *   store.add("alice", AdapterFolder.at(Path.of("adapters/alice")));
 *   try (AdapterStore.Lease<LanguageModel> lease = store.borrow("alice");
 *       Generator generator = new Generator(lease.model())) {
 *     generator.generate(prompts, Generation.greedy(100));
 *   }
 *   try (AdapterStore.Lease<LanguageModel> lease = store.borrow(List.of("alice", "bob", "alice"))) {
 *     ...                          // a batch of three examples, each with its own adapter
 *   }
 * }
 * }</pre>
 *
 * @param <T> a tree with linear products: a language model, or any other
 */
public final class AdapterStore<T> implements AutoCloseable {

  /** An adapter in memory. */
  private static final class Resident<T> {
    private final T model;
    private final Scope memory;
    private int leases;
    private boolean gone;

    Resident(T model, Scope memory) {
      this.model = model;
      this.memory = memory;
    }

    void freeIfIdle() {
      if (gone && leases == 0) {
        memory.close();
      }
    }
  }

  /**
   * An adapted model for use until it is closed; its adapters stay in memory so long.
   *
   * @param <T> the model's type
   */
  public static final class Lease<T> implements AutoCloseable {
    private final T model;
    private @Nullable Runnable end;

    private Lease(T model, Runnable end) {
      this.model = model;
      this.end = end;
    }

    /** The adapted model. */
    public T model() {
      return model;
    }

    /** Gives the adapters back; closing twice does nothing. */
    @Override
    public synchronized void close() {
      if (end != null) {
        end.run();
        end = null;
      }
    }
  }

  private final T base;
  private final BaseFingerprint fingerprint;
  private final int capacity;
  private final Map<String, AdapterFolder> folders = new LinkedHashMap<>();
  private final LinkedHashMap<String, Resident<T>> residents = new LinkedHashMap<>(16, 0.75f, true);

  /** Names whose folders are being read, which no lock is held for, and whether to keep them. */
  private final Map<String, Boolean> reading = new HashMap<>();

  private boolean closed;

  private AdapterStore(T base, int capacity) {
    this.base = base;
    this.fingerprint = BaseFingerprint.of(base);
    this.capacity = capacity;
  }

  /**
   * An empty store.
   *
   * @param base the model without adapters; must stay open as long as this
   * @param capacity adapters in memory at most, at least 1
   */
  public static <T> AdapterStore<T> of(T base, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("a store holds at least 1 adapter, not " + capacity);
    }
    Adapters.plain(base);
    return new AdapterStore<>(base, capacity);
  }

  /** Adds a folder, which is read when it is first borrowed; replaces one of the same name. */
  public synchronized void add(String name, AdapterFolder folder) {
    requireOpen();
    remove(name);
    folders.put(name, folder);
  }

  /**
   * Removes a name; leases of its adapter stay good until they are closed.
   *
   * @return whether there was one
   */
  public synchronized boolean remove(String name) {
    drop(name);
    return folders.remove(name) != null;
  }

  private void drop(String name) {
    reading.computeIfPresent(name, (n, kept) -> false);
    Resident<T> resident = residents.remove(name);
    if (resident != null) {
      resident.gone = true;
      resident.freeIfIdle();
    }
  }

  /** The names, sorted. */
  public synchronized Set<String> names() {
    return new TreeSet<>(folders.keySet());
  }

  /** How many adapters are in memory by name; never more than the capacity. */
  public synchronized int resident() {
    return residents.size();
  }

  /**
   * The base with the adapter of a name, read from its folder where it is not in memory. Others are
   * lent and given back meanwhile; who asks for one that is being read waits for it.
   *
   * @throws IllegalArgumentException if there is no such name
   * @throws IllegalStateException if as many other adapters as the store may hold are on lease
   * @throws IOException if its folder cannot be read, or is for another model, or the thread is
   *     interrupted while another reads it
   */
  public Lease<T> borrow(String name) throws IOException {
    AdapterFolder folder;
    synchronized (this) {
      awaitReading(name);
      Resident<T> resident = residents.get(name);
      if (resident != null) {
        return lend(resident);
      }
      folder = folders.get(name);
      if (folder == null) {
        throw new IllegalArgumentException(
            "the store has no adapter \"" + name + "\"; it has " + folders.size() + " others");
      }
      makeRoom();
      reading.put(name, true);
    }
    try {
      return arrived(name, read(folder));
    } finally {
      doneReading(name);
    }
  }

  private synchronized void awaitReading(String name) throws IOException {
    while (reading.containsKey(name)) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException(
            "interrupted while another thread reads the adapter \"" + name + "\"");
      }
    }
    requireOpen();
  }

  private synchronized void doneReading(String name) {
    reading.remove(name);
    notifyAll();
  }

  /** What was read stays in memory unless its name was taken away meanwhile. */
  private synchronized Lease<T> arrived(String name, Resident<T> resident) {
    if (reading.getOrDefault(name, false)) {
      residents.put(name, resident);
    } else {
      resident.gone = true;
    }
    return lend(resident);
  }

  private synchronized Lease<T> lend(Resident<T> resident) {
    resident.leases++;
    return new Lease<>(resident.model, () -> giveBack(resident));
  }

  /**
   * The base with an adapter an example: example b of a batch runs that of {@code names.get(b)}.
   *
   * @throws IllegalArgumentException if there is no such name
   * @throws IllegalStateException if the store may not hold so many different adapters at once
   * @throws IOException if a folder cannot be read, or is for another model
   */
  public Lease<T> borrow(List<String> names) throws IOException {
    List<String> distinct = List.copyOf(new LinkedHashSet<>(names));
    List<Lease<T>> leases = new ArrayList<>();
    Runnable end = () -> leases.forEach(Lease::close);
    try {
      for (String name : distinct) {
        leases.add(borrow(name));
      }
      MixedAdapters<T> mixed = MixedAdapters.of(base, leases.stream().map(Lease::model).toList());
      return new Lease<>(
          mixed.assigned(names.stream().mapToInt(distinct::indexOf).toArray()),
          () -> {
            mixed.close();
            end.run();
          });
    } catch (IOException | RuntimeException e) {
      end.run();
      throw e;
    }
  }

  @SuppressWarnings("try") // the scope works by being open
  private Resident<T> read(AdapterFolder folder) throws IOException {
    Scope memory = Scope.detached();
    try (Scope scope = Scope.open()) {
      T model = folder.load(base, fingerprint).model();
      memory.adopt(Tree.params(model, Adapter.class));
      return new Resident<>(model, memory);
    } catch (IOException | RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** Lets the least recently used adapter that nobody has borrowed go. */
  private void makeRoom() {
    if (residents.size() + reading.size() < capacity) {
      return;
    }
    for (Map.Entry<String, Resident<T>> e : residents.entrySet()) {
      if (e.getValue().leases == 0) {
        drop(e.getKey());
        return;
      }
    }
    throw new IllegalStateException(
        "all "
            + capacity
            + " adapters that the store may hold are on lease or being read: close leases, or give it more room");
  }

  private synchronized void giveBack(Resident<T> resident) {
    resident.leases--;
    resident.freeIfIdle();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the adapter store is closed");
    }
  }

  /** Frees every adapter; those on lease when their leases are closed. */
  @Override
  public synchronized void close() {
    closed = true;
    List.copyOf(folders.keySet()).forEach(this::drop);
    folders.clear();
  }
}
