package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which linear products are adapted, chosen by path as PEFT does: by the last names of the path, by
 * a regular expression for the whole path, or all but the output head.
 *
 * @param names last names of paths, such as {@code q_proj} or {@code self_attn.q_proj}; empty for
 *     the other two ways
 * @param pattern regular expression (RE2 syntax) for whole paths, or null
 * @param exclude last names of paths that are left out
 * @param layers numbers of the layers adapted; empty for all
 */
public record Targets(
    @Doc("last names of the products to adapt") List<String> names,
    @Doc("regular expression for whole paths") @Nullable String pattern,
    @Doc("last names of products to leave out") List<String> exclude,
    @Doc("layers to adapt; empty for all") List<Integer> layers) {

  private static final String HEAD = "lm_head";

  /**
   * @throws IllegalArgumentException if names and a pattern are both given, or the pattern is none
   */
  public Targets {
    names = List.copyOf(names);
    exclude = List.copyOf(exclude);
    layers = List.copyOf(layers);
    if (pattern != null) {
      if (!names.isEmpty()) {
        throw new IllegalArgumentException("targets are names or a pattern, not both");
      }
      PathPattern.whole(pattern);
    }
  }

  /** All linear products but the output head. */
  public static Targets defaults() {
    return allLinear();
  }

  /** All linear products but the output head. */
  public static Targets allLinear() {
    return new Targets(List.of(), null, List.of(), List.of());
  }

  /** Products whose paths end in one of these. */
  public static Targets of(String... names) {
    if (names.length == 0) {
      throw new IllegalArgumentException("targets need at least one name");
    }
    return new Targets(List.of(names), null, List.of(), List.of());
  }

  /** Products whose whole paths match a regular expression. */
  public static Targets matching(String pattern) {
    return new Targets(List.of(), pattern, List.of(), List.of());
  }

  /** These targets in some layers only. */
  public Targets inLayers(Integer... numbers) {
    return new Targets(names, pattern, exclude, List.of(numbers));
  }

  /** These targets without products whose paths end in one of these. */
  public Targets without(String... left) {
    return new Targets(names, pattern, List.of(left), layers);
  }

  /** Whether these are all linear products. */
  public boolean isAllLinear() {
    return names.isEmpty() && pattern == null;
  }

  /** The paths chosen, in the order given. */
  Set<String> among(Collection<String> paths) {
    PathPattern whole = pattern == null ? null : PathPattern.whole(pattern);
    Set<String> chosen = new LinkedHashSet<>();
    for (String path : paths) {
      boolean wanted =
          whole != null
              ? whole.matches(path)
              : names.isEmpty()
                  ? !endsIn(path, HEAD)
                  : names.stream().anyMatch(n -> endsIn(path, n));
      if (wanted && inLayers(path) && exclude.stream().noneMatch(n -> endsIn(path, n))) {
        chosen.add(path);
      }
    }
    return chosen;
  }

  /**
   * The paths chosen, where each name chooses at least one.
   *
   * @throws IllegalArgumentException otherwise, naming what could be chosen
   */
  Set<String> amongOrThrow(Collection<String> paths) {
    List<String> idle = new ArrayList<>();
    for (String name : names) {
      if (paths.stream().noneMatch(path -> endsIn(path, name))) {
        idle.add(name);
      }
    }
    Set<String> chosen = among(paths);
    if (!idle.isEmpty() || chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "no linear module is matched by "
              + (idle.isEmpty() ? words() : String.join(", ", idle))
              + "; "
              + existing(paths));
    }
    return chosen;
  }

  /** What linear modules there are, for messages. */
  static String existing(Collection<String> paths) {
    if (paths.isEmpty()) {
      return "the model has no linear modules";
    }
    Set<String> last = new TreeSet<>();
    paths.forEach(path -> last.add(path.substring(path.lastIndexOf('.') + 1)));
    return "the model's linear modules are "
        + String.join(", ", last)
        + " (one is "
        + paths.iterator().next()
        + ")";
  }

  private String words() {
    String which =
        pattern != null
            ? "the pattern " + pattern
            : names.isEmpty() ? "all-linear" : String.join(", ", names);
    return which
        + (layers.isEmpty() ? "" : " in layers " + layers)
        + (exclude.isEmpty() ? "" : " without " + String.join(", ", exclude));
  }

  private static boolean endsIn(String path, String name) {
    return path.equals(name) || path.endsWith("." + name);
  }

  /** The layer's number is the first number in a path. */
  private boolean inLayers(String path) {
    if (layers.isEmpty()) {
      return true;
    }
    return Stream.of(path.split("\\."))
        .filter(part -> part.matches("[0-9]{1,9}"))
        .findFirst()
        .map(part -> layers.contains(Integer.valueOf(part)))
        .orElse(false);
  }
}
