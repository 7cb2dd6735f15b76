package ai.kindred.core.lm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Methods of Python's strings, lists and maps that templates use; none changes its object. */
final class Methods {
  private static final Set<String> OF_STRINGS =
      Set.of(
          "strip",
          "lstrip",
          "rstrip",
          "split",
          "rsplit",
          "splitlines",
          "startswith",
          "endswith",
          "upper",
          "lower",
          "title",
          "capitalize",
          "replace",
          "find",
          "rfind",
          "count",
          "join",
          "isdigit",
          "isalpha",
          "isspace",
          "removeprefix",
          "removesuffix");

  private static final Set<String> OF_MAPS = Set.of("items", "keys", "values", "get");

  private static final Pattern WHITESPACE = Pattern.compile("\\s+");

  private Methods() {}

  /** The method of a value, or null where it has none of that name. */
  static Values.@Nullable Callable find(@Nullable Object of, String name, Budget budget) {
    if (of instanceof String text && OF_STRINGS.contains(name)) {
      return given -> call(text, name, given, budget);
    }
    if (of instanceof Map<?, ?> map && OF_MAPS.contains(name)) {
      return given -> call(map, name, given, budget);
    }
    if (of instanceof List<?> list && (name.equals("count") || name.equals("index"))) {
      return given -> {
        Object wanted = given.required(0, "value");
        List<?> equal = list.stream().filter(i -> Values.equal(i, wanted, budget)).toList();
        if (name.equals("count")) {
          return (long) equal.size();
        }
        if (equal.isEmpty()) {
          throw new JinjaException("index: the value is not in the list");
        }
        return (long) list.indexOf(equal.get(0));
      };
    }
    return null;
  }

  private static @Nullable Object call(Map<?, ?> map, String name, Given given, Budget budget) {
    budget.payElements(map.size());
    return switch (name) {
      case "keys" -> new ArrayList<Object>(map.keySet());
      case "values" -> new ArrayList<Object>(map.values());
      case "items" -> pairs(map);
      default -> {
        Object key = Values.key(given.required(0, "key"));
        yield map.containsKey(key) ? map.get(key) : given.get(1, "default");
      }
    };
  }

  static List<@Nullable Object> pairs(Map<?, ?> map) {
    List<@Nullable Object> pairs = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      List<@Nullable Object> pair = new ArrayList<>();
      pair.add(entry.getKey());
      pair.add(entry.getValue());
      pairs.add(pair);
    }
    return pairs;
  }

  private static Object call(String text, String name, Given given, Budget budget) {
    budget.payText(text.length());
    return switch (name) {
      case "strip" -> strip(text, given.text(0, "chars"), true, true, budget);
      case "lstrip" -> strip(text, given.text(0, "chars"), true, false, budget);
      case "rstrip" -> strip(text, given.text(0, "chars"), false, true, budget);
      case "split" ->
          split(text, given.text(0, "sep"), given.integer(1, "maxsplit", -1), false, budget);
      case "rsplit" ->
          split(text, given.text(0, "sep"), given.integer(1, "maxsplit", -1), true, budget);
      case "splitlines" -> {
        List<Object> lines = new ArrayList<>(text.lines().toList());
        budget.payElements(lines.size());
        yield lines;
      }
      case "startswith" -> affix(given, text::startsWith);
      case "endswith" -> affix(given, text::endsWith);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "capitalize" -> capitalize(text);
      case "replace" ->
          replace(
              text,
              Values.string(given.required(0, "old")),
              Values.string(given.required(1, "new")),
              given.integer(2, "count", -1),
              budget);
      case "find", "rfind", "count" -> {
        String part = Values.string(given.required(0, "sub"));
        budget.paySearch(text.length(), part.length());
        yield name.equals("count")
            ? (Object) (long) (split(text, part, -1, false, budget).size() - 1)
            : (Object) (long) (name.equals("find") ? text.indexOf(part) : text.lastIndexOf(part));
      }
      case "join" -> join(given.required(0, "iterable"), text, budget);
      case "isdigit" -> !text.isEmpty() && text.chars().allMatch(Character::isDigit);
      case "isalpha" -> !text.isEmpty() && text.chars().allMatch(Character::isLetter);
      case "isspace" -> text.isBlank() && !text.isEmpty();
      case "removeprefix" -> {
        String prefix = Values.string(given.required(0, "prefix"));
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      default -> {
        String suffix = Values.string(given.required(0, "suffix"));
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
    };
  }

  private interface Affix {
    boolean matches(String affix);
  }

  /** One affix, or a list of them of which one must match. */
  private static boolean affix(Given given, Affix affix) {
    Object wanted = given.required(0, "prefix");
    return wanted instanceof List<?> list
        ? list.stream().anyMatch(one -> affix.matches(Values.string(one)))
        : affix.matches(Values.string(wanted));
  }

  static String strip(
      String text, @Nullable String characters, boolean start, boolean end, Budget budget) {
    if (characters != null) {
      budget.paySearch(text.length(), characters.length());
    }
    int from = 0;
    int to = text.length();
    while (start && from < to && strips(text.charAt(from), characters)) {
      from++;
    }
    while (end && to > from && strips(text.charAt(to - 1), characters)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean strips(char c, @Nullable String characters) {
    return characters == null
        ? Character.isWhitespace(c) || Character.isSpaceChar(c)
        : characters.indexOf(c) >= 0;
  }

  /**
   * By a separator, or by runs of whitespace without one; at most so many splits, all if below 0.
   */
  static List<@Nullable Object> split(
      String text, @Nullable String separator, int most, boolean fromEnd, Budget budget) {
    List<@Nullable Object> parts = new ArrayList<>();
    if (separator == null) {
      if (most >= 0) {
        throw new JinjaException("split without a separator takes no maxsplit");
      }
      for (String part : WHITESPACE.split(text.strip(), -1)) {
        if (!part.isEmpty()) {
          parts.add(part);
        }
      }
      budget.payElements(parts.size());
      return parts;
    }
    if (separator.isEmpty()) {
      throw new JinjaException("split: the separator is empty");
    }
    budget.paySearch(text.length(), separator.length());
    int from = 0;
    int to = text.length();
    while (parts.size() != most) {
      int at =
          fromEnd
              ? text.lastIndexOf(separator, to - separator.length())
              : text.indexOf(separator, from);
      if (at < 0 || (fromEnd && to < separator.length())) {
        break;
      }
      budget.payElements(1);
      if (fromEnd) {
        parts.add(0, text.substring(at + separator.length(), to));
        to = at;
      } else {
        parts.add(text.substring(from, at));
        from = at + separator.length();
      }
    }
    parts.add(fromEnd ? 0 : parts.size(), text.substring(from, to));
    return parts;
  }

  static String replace(String text, String old, String by, int most, Budget budget) {
    if (old.isEmpty()) {
      throw new JinjaException("replace: what to replace is empty");
    }
    return join(split(text, old, most, false, budget), by, budget);
  }

  static String join(@Nullable Object items, String separator, Budget budget) {
    StringBuilder out = new StringBuilder();
    String between = "";
    for (Object item : Values.items(items, budget)) {
      String text = Values.text(item, budget);
      budget.payText((long) text.length() + between.length());
      out.append(between).append(text);
      between = separator;
    }
    return out.toString();
  }

  static String capitalize(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inside = Character.isLetter(c);
    }
    return out.toString();
  }
}
