package ai.kindred.core.kernel;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Trees of tensors. A tree is a tensor, or a record, list or map of trees; whatever else a record
 * holds is its configuration. A model is a record of records of tensors, and its leaves have paths
 * such as {@code model.layers.0.self_attn.q_proj.weight}: component names in snake case, list
 * indices, map keys. A component called {@code base} adds nothing to a path, so a wrapped weight
 * keeps its name.
 */
public final class Tree {

  private Tree() {}

  private record Shape(List<RecordComponent> components, Constructor<?> constructor) {}

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          RecordComponent[] components = type.getRecordComponents();
          try {
            Constructor<?> constructor =
                type.getDeclaredConstructor(
                    Arrays.stream(components)
                        .map(RecordComponent::getType)
                        .toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            for (RecordComponent c : components) {
              c.getAccessor().setAccessible(true);
            }
            return new Shape(List.of(components), constructor);
          } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(type + " has no canonical constructor", e);
          }
        }
      };

  /** What to do with leaves, with records before their children, and with records after them. */
  private record Visitor(
      BiFunction<String, Tensor, Tensor> leaf,
      BiConsumer<String, Record> look,
      BiFunction<String, Record, Object> part) {

    static Visitor leaves(BiFunction<String, Tensor, Tensor> leaf) {
      return new Visitor(leaf, (path, r) -> {}, (path, r) -> r);
    }
  }

  private static Object walk(String path, Object node, Visitor v) {
    if (node instanceof Tensor t) {
      return v.leaf().apply(path, t);
    }
    if (node instanceof Record r) {
      v.look().accept(path, r);
      return v.part().apply(path, record(path, r, v));
    }
    if (node instanceof List<?> list) {
      List<@Nullable Object> copy = new ArrayList<>(list.size());
      boolean same = true;
      for (int i = 0; i < list.size(); i++) {
        Object old = list.get(i);
        Object made = old == null ? null : walk(join(path, Integer.toString(i)), old, v);
        same &= made == old;
        copy.add(made);
      }
      return same ? list : Collections.unmodifiableList(copy);
    }
    if (node instanceof Params p) {
      return new Params(leavesOf(path, p.asMap(), v));
    }
    if (node instanceof Map<?, ?> map) {
      Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
      boolean same = true;
      for (Map.Entry<?, ?> e : ordered(map).entrySet()) {
        Object old = e.getValue();
        Object made = old == null ? null : walk(join(path, String.valueOf(e.getKey())), old, v);
        same &= made == old;
        copy.put(e.getKey(), made);
      }
      return same ? map : Collections.unmodifiableMap(copy);
    }
    return node;
  }

  /** The map in an order that is the same in every process: its own, or by key. */
  static <K, V> Map<K, V> ordered(Map<K, V> map) {
    boolean hashed =
        map.getClass() == HashMap.class
            || map.getClass().getName().startsWith("java.util.ImmutableCollections");
    List<K> keys = new ArrayList<>(map.keySet());
    if (hashed) {
      keys.sort(Comparator.comparing(String::valueOf));
    }
    Map<K, V> ordered = new LinkedHashMap<>();
    keys.forEach(k -> ordered.put(k, map.get(k)));
    return ordered;
  }

  private static Map<String, Tensor> leavesOf(String path, Map<String, Tensor> map, Visitor v) {
    Map<String, Tensor> copy = new LinkedHashMap<>();
    map.forEach((k, t) -> copy.put(k, v.leaf().apply(join(path, k), t)));
    return copy;
  }

  private static Record record(String path, Record r, Visitor v) {
    Shape shape = SHAPES.get(r.getClass());
    @Nullable Object[] made = new @Nullable Object[shape.components().size()];
    boolean same = true;
    for (int i = 0; i < made.length; i++) {
      RecordComponent c = shape.components().get(i);
      Object old = get(r, c);
      String name = c.getName().equals("base") ? path : join(path, snake(c.getName()));
      made[i] = old == null ? null : walk(name, old, v);
      same &= made[i] == old;
    }
    return same ? r : make(shape, made);
  }

  private static @Nullable Object get(Record r, RecordComponent c) {
    try {
      return c.getAccessor().invoke(r);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(
          "component " + c.getName() + " of " + r.getClass() + " cannot be read", e);
    }
  }

  private static Record make(Shape shape, @Nullable Object[] components) {
    try {
      return (Record) shape.constructor().newInstance(components);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(misfit(shape, components), e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          shape.constructor().getDeclaringClass() + " refuses its rewritten parts: " + e.getCause(),
          e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          shape.constructor().getDeclaringClass() + " cannot be made", e);
    }
  }

  /** Which replacement does not have the type of its place. */
  private static String misfit(Shape shape, @Nullable Object[] components) {
    String type = shape.constructor().getDeclaringClass().getSimpleName();
    for (int i = 0; i < components.length; i++) {
      RecordComponent c = shape.components().get(i);
      Object made = components[i];
      if (made != null && !c.getType().isPrimitive() && !c.getType().isInstance(made)) {
        return "component "
            + c.getName()
            + " of "
            + type
            + " is a "
            + c.getType().getSimpleName()
            + " and cannot become a "
            + made.getClass().getSimpleName();
      }
    }
    return type + " cannot be made of its rewritten parts";
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** {@code qProj} is {@code q_proj} in the files of the field. */
  static String snake(String name) {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c)) {
        s.append('_').append(Character.toLowerCase(c));
      } else {
        s.append(c);
      }
    }
    return s.toString();
  }

  /** The leaves by path, in the order of components. */
  public static Map<String, Tensor> leaves(Object tree) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    walk(
        "",
        tree,
        Visitor.leaves(
            (path, t) -> {
              if (leaves.put(path, t) != null) {
                throw new IllegalArgumentException(
                    "two leaves are called " + path + " in a " + tree.getClass());
              }
              return t;
            }));
    return leaves;
  }

  /** Gives each leaf to {@code visitor}, in the order of {@link #leaves}. */
  static void forEach(Object tree, Consumer<Tensor> visitor) {
    walk(
        "",
        tree,
        Visitor.leaves(
            (path, t) -> {
              visitor.accept(t);
              return t;
            }));
  }

  /** The tree with each leaf replaced. */
  public static <T> T map(T tree, UnaryOperator<Tensor> f) {
    return mapPaths(tree, (path, t) -> f.apply(t));
  }

  /** The tree with each leaf replaced, given its path. */
  @SuppressWarnings("unchecked") // A rewritten tree has the types of the old one.
  public static <T> T mapPaths(T tree, BiFunction<String, Tensor, Tensor> f) {
    return (T) walk("", tree, Visitor.leaves(f));
  }

  /**
   * The tree with every part of type {@code type} replaced, children first. The path is that of the
   * part itself.
   *
   * @throws IllegalArgumentException where a replacement does not fit its place
   */
  @SuppressWarnings("unchecked") // A rewritten tree has the types of the old one.
  public static <T, P> T rewrite(T tree, Class<P> type, BiFunction<String, P, ? extends P> f) {
    return (T)
        walk(
            "",
            tree,
            new Visitor(
                (path, t) -> t,
                (path, r) -> {},
                (path, r) -> type.isInstance(r) ? f.apply(path, type.cast(r)) : r));
  }

  /** The parts of a type by path, outermost first. */
  public static <P> Map<String, P> parts(Object tree, Class<P> type) {
    Map<String, P> parts = new LinkedHashMap<>();
    walk(
        "",
        tree,
        new Visitor(
            (path, t) -> t,
            (path, r) -> {
              if (type.isInstance(r)) {
                parts.putIfAbsent(path, type.cast(r));
              }
            },
            (path, r) -> r));
    return parts;
  }

  /** All leaves as parameters. */
  public static Params params(Object tree) {
    return new Params(leaves(tree));
  }

  /**
   * The leaves that parts of {@code type} add: those inside such a part but not inside its {@code
   * base}. With {@code Adapter.class} these are what fine-tuning trains.
   */
  public static Params params(Object tree, Class<?> type) {
    Map<String, Tensor> own = new LinkedHashMap<>();
    collect("", tree, type, false, own);
    return new Params(own);
  }

  private static void collect(
      String path, @Nullable Object node, Class<?> type, boolean inside, Map<String, Tensor> own) {
    if (node instanceof Tensor t) {
      if (inside && own.put(path, t) != null) {
        throw new IllegalArgumentException("two leaves are called " + path);
      }
    } else if (node instanceof Record r) {
      boolean matches = type.isInstance(r);
      for (RecordComponent c : SHAPES.get(r.getClass()).components()) {
        boolean base = c.getName().equals("base");
        collect(
            base ? path : join(path, snake(c.getName())),
            get(r, c),
            type,
            base ? inside && !matches : inside || matches,
            own);
      }
    } else if (node instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        collect(join(path, Integer.toString(i)), list.get(i), type, inside, own);
      }
    } else if (node instanceof Params p) {
      collect(path, p.asMap(), type, inside, own);
    } else if (node instanceof Map<?, ?> map) {
      ordered(map).forEach((k, v) -> collect(join(path, String.valueOf(k)), v, type, inside, own));
    }
  }

  /** The leaves whose path satisfies a condition. */
  public static Params params(Object tree, Predicate<String> path) {
    Map<String, Tensor> chosen = new LinkedHashMap<>();
    leaves(tree)
        .forEach(
            (k, t) -> {
              if (path.test(k)) {
                chosen.put(k, t);
              }
            });
    return new Params(chosen);
  }

  /**
   * The tree with the leaves named in {@code params} replaced.
   *
   * @throws IllegalArgumentException where a name is not in the tree
   */
  public static <T> T with(T tree, Params params) {
    Map<String, Tensor> left = new LinkedHashMap<>(params.asMap());
    T made =
        mapPaths(
            tree,
            (path, t) -> {
              Tensor replacement = left.remove(path);
              return replacement == null ? t : replacement;
            });
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          "no leaf is called "
              + left.keySet().iterator().next()
              + " in a "
              + tree.getClass().getSimpleName());
    }
    return made;
  }

  /**
   * What two trees must share for one traced kernel to serve both: types, axes and configuration.
   */
  static Object structure(@Nullable Object node) {
    if (node instanceof Tensor t) {
      return List.<Object>of(t.dtype(), t.rank());
    }
    if (node instanceof Record r) {
      List<Object> parts = new ArrayList<>();
      parts.add(r.getClass());
      for (RecordComponent c : SHAPES.get(r.getClass()).components()) {
        parts.add(structure(get(r, c)));
      }
      return parts;
    }
    if (node instanceof List<?> list) {
      return list.stream().map(Tree::structure).toList();
    }
    if (node instanceof Params p) {
      return structure(p.asMap());
    }
    if (node instanceof Map<?, ?> map) {
      List<Object> parts = new ArrayList<>();
      for (Map.Entry<?, ?> e : ordered(map).entrySet()) {
        parts.add(e.getKey());
        parts.add(structure(e.getValue()));
      }
      return parts;
    }
    if (node != null && node.getClass().isArray()) {
      List<Object> elements = new ArrayList<>();
      for (int i = 0; i < Array.getLength(node); i++) {
        elements.add(structure(Array.get(node, i)));
      }
      return elements;
    }
    return node == null ? Op.None.NONE : node;
  }

  /** The tree with its leaves replaced, in order. */
  static <T> T fill(T tree, Iterator<? extends Tensor> leaves) {
    return map(tree, t -> leaves.next());
  }
}
