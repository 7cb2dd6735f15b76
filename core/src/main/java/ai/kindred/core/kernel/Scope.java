package ai.kindred.core.kernel;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Owns the native memory of the tensors made while it is the thread's innermost open scope, and
 * frees it when closed.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *   Tensor y = model.apply(x, pass);
 *   return scope.keep(y.sum());            // survives: handed to the enclosing scope
 * }
 * }</pre>
 *
 * <p>Outside any scope tensors belong to the process and live until {@link Tensor#close()}.
 */
public final class Scope implements AutoCloseable {

  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final @Nullable Scope outer;
  private final boolean nested;
  private final PtNDManager manager;
  private final PtNDArray anchor;
  private boolean closed;

  private Scope(@Nullable Scope outer, NDManager parent, boolean nested) {
    this.outer = outer;
    this.nested = nested;
    this.manager = (PtNDManager) parent.newSubManager();
    // A program's results belong to the manager of its first input: this one.
    this.anchor = manager.create(new Shape(), DataType.FLOAT32);
    LibTorch.opened(this);
  }

  /** Opens a scope on this thread; close it on the same thread. */
  public static Scope open() {
    Scope outer = CURRENT.get();
    Scope scope = new Scope(outer, LibTorch.root(), true);
    CURRENT.set(scope);
    return scope;
  }

  /**
   * Runs {@code body} in a scope of its own and hands what it returns to the enclosing scope;
   * everything else that it made is freed.
   */
  public static <T> T tidy(Supplier<T> body) {
    try (Scope scope = open()) {
      return scope.keep(body.get());
    }
  }

  /**
   * A scope that is nobody's innermost: an owner for {@link #adopt} that may be closed on any
   * thread.
   */
  public static Scope detached() {
    return new Scope(null, LibTorch.root(), false);
  }

  static Scope current() {
    Scope s = CURRENT.get();
    return s == null ? LibTorch.process() : s;
  }

  /** Runs {@code body} with this scope as the innermost. */
  <T> T within(Supplier<T> body) {
    Scope before = CURRENT.get();
    CURRENT.set(this);
    try {
      return body.get();
    } finally {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }

  PtNDManager manager() {
    return manager;
  }

  PtNDArray anchor() {
    return anchor;
  }

  /** Number of tensors that this scope owns now. */
  public int size() {
    return manager.getManagedArrays().size() - 1;
  }

  /**
   * Hands the tensors of {@code tree} that this scope owns to the enclosing scope, so that they
   * outlive this one; others stay where they are.
   */
  public <T> T keep(T tree) {
    Scope to = outer == null ? LibTorch.process() : outer;
    Tree.forEach(
        tree,
        t -> {
          if (t instanceof Value v && v.array().getManager() == manager) {
            v.attach(to.manager);
          }
        });
    return tree;
  }

  /** Takes over the tensors of {@code tree} from whoever owned them. */
  public <T> T adopt(T tree) {
    if (closed) {
      throw new IllegalStateException("a closed scope cannot own tensors");
    }
    Tree.forEach(
        tree,
        t -> {
          if (t instanceof Value v) {
            v.attach(manager);
          }
        });
    return tree;
  }

  /**
   * Frees the tensors that the scope owns; closing twice does nothing.
   *
   * @throws IllegalStateException where an inner scope is still open, or on another thread than the
   *     one that opened it
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (nested) {
      if (CURRENT.get() != this) {
        throw new IllegalStateException(
            "scopes close innermost first, on the thread that opened them");
      }
      if (outer == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(outer);
      }
    }
    closed = true;
    LibTorch.closed(this);
    manager.close();
  }

  /** Number of tensors alive in the whole process: what tests compare before and after. */
  public static int live() {
    return LibTorch.scopes().mapToInt(Scope::size).sum();
  }
}
