package ai.kindred.core.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A whole number inside a kernel: the length of an axis, a loop's index, or a number read from a
 * tensor.
 *
 * <p>Outside a kernel a {@code Dim} is an ordinary number. Inside one it is an expression over the
 * lengths of the kernel's inputs, so one program serves every length; {@link #value()} bakes the
 * present number in, and the kernel is traced again when it changes. Sums and products are kept as
 * polynomials, so that equal lengths compare equal.
 */
public final class Dim {

  /** A factor that polynomials are made of. */
  sealed interface Atom permits Size, Item, Index, Quotient, Least {}

  /** Length of an axis of a symbol. */
  record Size(Symbol symbol, int axis) implements Atom {}

  /** A one-element integer tensor read as a number. */
  record Item(Symbol symbol) implements Atom {}

  /** The index of a loop, known only as it runs. */
  record Index(int loop) implements Atom {}

  /** Floor division. */
  record Quotient(Dim dividend, Dim divisor) implements Atom {}

  /** The smaller of two. */
  record Least(Dim a, Dim b) implements Atom {}

  private record Term(long coefficient, List<Atom> atoms) {}

  /** What symbols and the indices of loops are called in a text. */
  interface Names {
    String of(Symbol symbol);

    String of(int loop);
  }

  private static final Names IDS =
      new Names() {
        @Override
        public String of(Symbol symbol) {
          return "s" + symbol.id();
        }

        @Override
        public String of(int loop) {
          return "i" + loop;
        }
      };

  private final Map<String, Term> terms;
  private final @Nullable Long hint;

  private Dim(Map<String, Term> terms, @Nullable Long hint) {
    this.terms = terms;
    this.hint = hint;
  }

  /** The number {@code n}. */
  public static Dim of(long n) {
    return new Dim(n == 0 ? Map.of() : Map.of("", new Term(n, List.of())), n);
  }

  static Dim of(Atom atom, @Nullable Long hint) {
    return new Dim(Map.of(key(List.of(atom)), new Term(1, List.of(atom))), hint);
  }

  static Dim[] of(long[] shape) {
    Dim[] dims = new Dim[shape.length];
    for (int i = 0; i < shape.length; i++) {
      dims[i] = of(shape[i]);
    }
    return dims;
  }

  /** Whether this is a number that needs no tensor to be known. */
  boolean isConstant() {
    return terms.isEmpty() || (terms.size() == 1 && terms.containsKey(""));
  }

  boolean is(long n) {
    return isConstant() && n == constant();
  }

  private long constant() {
    return terms.isEmpty() ? 0 : terms.values().iterator().next().coefficient();
  }

  /** The number at tracing time, or null where only running the kernel can tell. */
  @Nullable Long hint() {
    return isConstant() ? Long.valueOf(constant()) : hint;
  }

  /**
   * The number itself. Inside a kernel this bakes it into the program.
   *
   * @throws IllegalStateException where the number depends on a tensor's values, which tracing
   *     cannot know
   */
  public long value() {
    if (isConstant()) {
      return constant();
    }
    Long now = hint;
    if (now == null) {
      throw new IllegalStateException(
          "the number "
              + this
              + " is known only when the kernel runs: use it as a Dim, not as a long");
    }
    Trace.current().guard(this, now);
    return now;
  }

  /**
   * Whether the number is at least {@code n}. Inside a kernel the answer is baked in, not the
   * number: the kernel is traced again only when the answer changes.
   */
  public boolean isAtLeast(long n) {
    return min(of(n)).value() == n;
  }

  /** Sum. */
  public Dim plus(Dim other) {
    TreeMap<String, Term> sum = new TreeMap<>(terms);
    other.terms.forEach((k, t) -> merge(sum, k, t));
    return new Dim(sum, both(other, Math::addExact));
  }

  /** Sum with a constant. */
  public Dim plus(long n) {
    return plus(of(n));
  }

  /** Difference. */
  public Dim minus(Dim other) {
    return plus(other.times(of(-1)));
  }

  /** Difference with a constant. */
  public Dim minus(long n) {
    return plus(-n);
  }

  /** Product. */
  public Dim times(Dim other) {
    TreeMap<String, Term> product = new TreeMap<>();
    for (Term a : terms.values()) {
      for (Term b : other.terms.values()) {
        List<Atom> atoms = new ArrayList<>(a.atoms());
        atoms.addAll(b.atoms());
        atoms.sort((p, q) -> name(p).compareTo(name(q)));
        merge(
            product,
            key(atoms),
            new Term(Math.multiplyExact(a.coefficient(), b.coefficient()), atoms));
      }
    }
    return new Dim(product, both(other, Math::multiplyExact));
  }

  /** Product with a constant. */
  public Dim times(long n) {
    return times(of(n));
  }

  /** Quotient rounded down. */
  public Dim over(Dim divisor) {
    if (divisor.is(0)) {
      throw new ArithmeticException("division of " + this + " by zero");
    }
    if (isConstant() && divisor.isConstant()) {
      return of(Math.floorDiv(constant(), divisor.constant()));
    }
    Long h = both(divisor, (a, b) -> b == 0 ? 0 : Math.floorDiv(a, b));
    if (divisor.terms.size() == 1) {
      Map<String, Term> exact = divideExactly(divisor.terms.values().iterator().next());
      if (exact != null) {
        return new Dim(exact, h);
      }
    }
    return of(new Quotient(this, divisor), h);
  }

  /** Quotient by a constant, rounded down. */
  public Dim over(long n) {
    return over(of(n));
  }

  /** The smaller of two. */
  public Dim min(Dim other) {
    if (equals(other)) {
      return this;
    }
    if (isConstant() && other.isConstant()) {
      return of(Math.min(constant(), other.constant()));
    }
    return of(new Least(this, other), both(other, Math::min));
  }

  private @Nullable Map<String, Term> divideExactly(Term by) {
    TreeMap<String, Term> quotient = new TreeMap<>();
    for (Term t : terms.values()) {
      List<Atom> atoms = new ArrayList<>(t.atoms());
      for (Atom a : by.atoms()) {
        if (!atoms.remove(a)) {
          return null;
        }
      }
      if (t.coefficient() % by.coefficient() != 0) {
        return null;
      }
      merge(quotient, key(atoms), new Term(t.coefficient() / by.coefficient(), atoms));
    }
    return quotient;
  }

  private static void merge(Map<String, Term> into, String key, Term t) {
    Term old = into.get(key);
    long c = old == null ? t.coefficient() : Math.addExact(old.coefficient(), t.coefficient());
    if (c == 0) {
      into.remove(key);
    } else {
      into.put(key, new Term(c, t.atoms()));
    }
  }

  private interface LongPair {
    long apply(long a, long b);
  }

  private @Nullable Long both(Dim other, LongPair f) {
    Long a = hint();
    Long b = other.hint();
    return a == null || b == null ? null : Long.valueOf(f.apply(a, b));
  }

  /** This expression with every atom replaced, for instance by a number when lengths are known. */
  Dim substitute(Function<Atom, Dim> replacement) {
    if (isConstant()) {
      return this;
    }
    Dim sum = of(0);
    for (Term t : terms.values()) {
      Dim product = of(t.coefficient());
      for (Atom a : t.atoms()) {
        product = product.times(replaceAtom(a, replacement));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  private static Dim replaceAtom(Atom atom, Function<Atom, Dim> replacement) {
    if (atom instanceof Quotient q) {
      return q.dividend().substitute(replacement).over(q.divisor().substitute(replacement));
    }
    if (atom instanceof Least l) {
      return l.a().substitute(replacement).min(l.b().substitute(replacement));
    }
    return replacement.apply(atom);
  }

  /** The symbols that this number is computed from, given to {@code visitor}. */
  void symbols(Consumer<Symbol> visitor) {
    for (Term t : terms.values()) {
      for (Atom a : t.atoms()) {
        if (a instanceof Size s) {
          visitor.accept(s.symbol());
        } else if (a instanceof Item i) {
          visitor.accept(i.symbol());
        } else if (a instanceof Quotient q) {
          q.dividend().symbols(visitor);
          q.divisor().symbols(visitor);
        } else if (a instanceof Least l) {
          l.a().symbols(visitor);
          l.b().symbols(visitor);
        }
      }
    }
  }

  /**
   * Whether the number can change from turn to turn of a loop, whose symbols start at {@code
   * firstSymbol}.
   */
  boolean variesIn(int loop, int firstSymbol) {
    for (Term t : terms.values()) {
      for (Atom a : t.atoms()) {
        boolean varies;
        if (a instanceof Quotient q) {
          varies =
              q.dividend().variesIn(loop, firstSymbol) || q.divisor().variesIn(loop, firstSymbol);
        } else if (a instanceof Least l) {
          varies = l.a().variesIn(loop, firstSymbol) || l.b().variesIn(loop, firstSymbol);
        } else if (a instanceof Index i) {
          varies = i.loop() >= loop;
        } else {
          Symbol s = a instanceof Size size ? size.symbol() : ((Item) a).symbol();
          varies = s.id() >= firstSymbol;
        }
        if (varies) {
          return true;
        }
      }
    }
    return false;
  }

  /** The expression as TorchScript text. */
  String program(Names names) {
    if (isConstant()) {
      return Long.toString(constant());
    }
    StringBuilder text = new StringBuilder();
    for (Term t : terms.values()) {
      List<String> factors = new ArrayList<>();
      if (t.coefficient() != 1 || t.atoms().isEmpty()) {
        factors.add(Long.toString(t.coefficient()));
      }
      t.atoms().forEach(a -> factors.add(program(a, names)));
      text.append(text.isEmpty() ? "" : " + ").append(String.join(" * ", factors));
    }
    return terms.size() == 1 ? text.toString() : "(" + text + ")";
  }

  private static String program(Atom atom, Names names) {
    if (atom instanceof Size s) {
      return "torch.size(" + names.of(s.symbol()) + ", " + s.axis() + ")";
    }
    if (atom instanceof Item i) {
      return "int(" + names.of(i.symbol()) + ")";
    }
    if (atom instanceof Index i) {
      return names.of(i.loop());
    }
    if (atom instanceof Quotient q) {
      return "torch.floordiv("
          + q.dividend().program(names)
          + ", "
          + q.divisor().program(names)
          + ")";
    }
    Least l = (Least) atom;
    return "min(" + l.a().program(names) + ", " + l.b().program(names) + ")";
  }

  private static String name(Atom atom) {
    return program(atom, IDS);
  }

  private static String key(List<Atom> atoms) {
    StringBuilder key = new StringBuilder();
    atoms.forEach(a -> key.append(name(a)).append(" "));
    return key.toString();
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof Dim d && terms.equals(d.terms);
  }

  @Override
  public int hashCode() {
    return terms.keySet().hashCode();
  }

  @Override
  public String toString() {
    return program(IDS) + (isConstant() || hint == null ? "" : "=" + hint);
  }
}
