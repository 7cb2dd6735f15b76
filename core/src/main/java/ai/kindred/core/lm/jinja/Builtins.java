package ai.kindred.core.lm.jinja;

import ai.kindred.core.lm.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Jinja's filters, tests and functions, and Hugging Face's tojson. */
final class Builtins {
  private static final int MAX_RANGE = 100_000;

  private final Budget budget;

  Builtins(Budget budget) {
    this.budget = budget;
  }

  @Nullable Object filter(String name, @Nullable Object of, Given given) {
    budget.payText(of instanceof String text ? text.length() : 1);
    return switch (name) {
      case "trim" ->
          Methods.strip(Values.text(of, budget), given.text(0, "chars"), true, true, budget);
      case "upper" -> Values.text(of, budget).toUpperCase(Locale.ROOT);
      case "lower" -> Values.text(of, budget).toLowerCase(Locale.ROOT);
      case "capitalize" -> Methods.capitalize(Values.text(of, budget));
      case "title" -> Methods.title(Values.text(of, budget));
      case "string", "safe" -> Values.text(of, budget);
      case "length", "count" -> (long) Values.length(of);
      case "first", "last" -> {
        List<@Nullable Object> items = Values.items(of, budget);
        yield items.isEmpty()
            ? new Undefined(name)
            : items.get(name.equals("first") ? 0 : items.size() - 1);
      }
      case "list" -> Values.items(of, budget);
      case "items" -> of instanceof Undefined ? List.of() : Methods.pairs(map(of, "items"));
      case "dictsort" -> Methods.pairs(sorted(map(of, "dictsort")));
      case "join" -> join(of, given);
      case "default", "d" ->
          of instanceof Undefined || (Values.truth(given.get(1, "boolean")) && !Values.truth(of))
              ? (given.has(0, "default_value") ? given.get(0, "default_value") : "")
              : of;
      case "replace" ->
          Methods.replace(
              Values.text(of, budget),
              Values.string(given.required(0, "old")),
              Values.string(given.required(1, "new")),
              given.integer(2, "count", -1),
              budget);
      case "tojson" -> json(of, given);
      case "int" -> integer(of, given);
      case "float" -> of instanceof String text ? real(text, given) : (Object) Values.real(of);
      case "abs" ->
          of instanceof Long n ? (Object) Math.abs(n) : (Object) Math.abs(Values.real(of));
      case "reverse" -> reversed(of);
      case "sort" -> sort(of, given);
      case "unique" -> unique(of);
      case "sum" -> sum(of);
      case "map" -> map(of, given);
      case "select", "reject" -> select(of, given, name.equals("select"), false);
      case "selectattr", "rejectattr" -> select(of, given, name.equals("selectattr"), true);
      case "indent" -> indent(Values.text(of, budget), given);
      default -> throw new JinjaException("filter " + name + " is not supported");
    };
  }

  private String join(@Nullable Object of, Given given) {
    Object attribute = given.get(1, "attribute");
    String separator = given.text(0, "d");
    List<@Nullable Object> items = Values.items(of, budget);
    if (attribute != null) {
      items.replaceAll(item -> attribute(item, Values.string(attribute)));
    }
    return Methods.join(items, separator == null ? "" : separator, budget);
  }

  private static Map<?, ?> map(@Nullable Object of, String filter) {
    if (of instanceof Map<?, ?> map) {
      return map;
    }
    throw new JinjaException(filter + " takes a map, not a " + Values.type(of));
  }

  private static Map<?, ?> sorted(Map<?, ?> map) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(Values.string(key), value));
    return sorted;
  }

  private String json(@Nullable Object of, Given given) {
    StringBuilder out = new StringBuilder();
    Object indent = given.get(1, "indent");
    if (indent == null && !given.positional().isEmpty()) {
      indent = given.positional().get(0);
    }
    Integer spaces =
        indent == null ? null : (Integer) (int) Math.max(0, Math.min(16, Values.whole(indent)));
    Values.json(of, spaces, out, budget, 0);
    return out.toString();
  }

  private Object integer(@Nullable Object of, Given given) {
    if (of instanceof String text) {
      try {
        return Long.valueOf(text.strip());
      } catch (NumberFormatException e) {
        return (long) given.integer(0, "default", 0);
      }
    }
    return of instanceof Long whole ? whole : (Long) (long) Values.real(of);
  }

  private static Object real(String text, Given given) {
    try {
      return Double.valueOf(text.strip());
    } catch (NumberFormatException e) {
      return given.has(0, "default") ? Values.real(given.get(0, "default")) : 0.0;
    }
  }

  private Object reversed(@Nullable Object of) {
    if (of instanceof String text) {
      return new StringBuilder(text).reverse().toString();
    }
    List<@Nullable Object> items = Values.items(of, budget);
    Collections.reverse(items);
    return items;
  }

  private Object sort(@Nullable Object of, Given given) {
    String attribute = given.text(2, "attribute");
    List<@Nullable Object> items = Values.items(of, budget);
    items.sort(
        (a, b) ->
            attribute == null
                ? Values.compare(a, b, budget)
                : Values.compare(attribute(a, attribute), attribute(b, attribute), budget));
    if (Values.truth(given.get(0, "reverse"))) {
      Collections.reverse(items);
    }
    return items;
  }

  private Object unique(@Nullable Object of) {
    List<@Nullable Object> unique = new ArrayList<>();
    for (Object item : Values.items(of, budget)) {
      if (!Values.contains(unique, item, budget)) {
        unique.add(item);
      }
    }
    return unique;
  }

  private Object sum(@Nullable Object of) {
    double sum = 0;
    boolean whole = true;
    for (Object item : Values.items(of, budget)) {
      sum += Values.real(item);
      whole &= item instanceof Long;
    }
    return whole ? (Object) (long) sum : (Object) sum;
  }

  private Object map(@Nullable Object of, Given given) {
    List<@Nullable Object> items = Values.items(of, budget);
    String attribute = given.named().containsKey("attribute") ? given.text(9, "attribute") : null;
    if (attribute != null) {
      items.replaceAll(item -> attribute(item, attribute));
    } else {
      String filter = Values.string(given.required(0, "filter"));
      Given rest =
          new Given(
              filter, given.positional().subList(1, given.positional().size()), given.named());
      items.replaceAll(item -> filter(filter, item, rest));
    }
    return items;
  }

  /** Items, or items by an attribute, for which a test holds; truth where none is named. */
  private Object select(@Nullable Object of, Given given, boolean keep, boolean byAttribute) {
    List<@Nullable Object> arguments = given.positional();
    int skip = byAttribute ? 1 : 0;
    String attribute = byAttribute ? Values.string(given.required(0, "attribute")) : "";
    String test = arguments.size() > skip ? Values.string(arguments.get(skip)) : null;
    List<@Nullable Object> rest =
        arguments.subList(Math.min(skip + 1, arguments.size()), arguments.size());
    List<@Nullable Object> selected = new ArrayList<>();
    for (Object item : Values.items(of, budget)) {
      Object value = byAttribute ? attribute(item, attribute) : item;
      boolean holds =
          test == null ? Values.truth(value) : test(test, value, new Given(test, rest, Map.of()));
      if (holds == keep) {
        selected.add(item);
      }
    }
    return selected;
  }

  /** A key of a map, by a path with dots. */
  private static @Nullable Object attribute(@Nullable Object of, String path) {
    Object value = of;
    for (String name : path.split("\\.", -1)) {
      value =
          value instanceof Map<?, ?> map && map.containsKey(name)
              ? map.get(name)
              : new Undefined(name);
    }
    return value;
  }

  private String indent(String text, Given given) {
    int width = Math.max(0, Math.min(64, given.integer(0, "width", 4)));
    boolean first = Values.truth(given.get(1, "first"));
    boolean blank = Values.truth(given.get(2, "blank"));
    StringBuilder out = new StringBuilder();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      budget.payText(64L + width + lines[i].length());
      out.append(i == 0 ? "" : "\n");
      out.append((i == 0 ? first : blank || !lines[i].isEmpty()) ? " ".repeat(width) : "");
      out.append(lines[i]);
    }
    return out.toString();
  }

  boolean test(String name, @Nullable Object of, Given given) {
    return switch (name) {
      case "defined" -> !(of instanceof Undefined);
      case "undefined" -> of instanceof Undefined;
      case "none" -> of == null;
      case "string" -> of instanceof String;
      case "mapping" -> of instanceof Map;
      case "sequence", "iterable" ->
          of instanceof List || of instanceof Map || of instanceof String;
      case "number" -> Values.isNumeric(of);
      case "integer" -> of instanceof Long;
      case "float" -> of instanceof Double;
      case "boolean" -> of instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(of);
      case "false" -> Boolean.FALSE.equals(of);
      case "callable" -> of instanceof Values.Callable;
      case "odd" -> Math.floorMod(Values.whole(of), 2L) == 1;
      case "even" -> Math.floorMod(Values.whole(of), 2L) == 0;
      case "divisibleby" -> {
        long by = Values.whole(given.required(0, "num"));
        if (by == 0) {
          throw new JinjaException("divisibleby 0");
        }
        yield Values.whole(of) % by == 0;
      }
      case "eq", "equalto", "sameas" -> Values.equal(of, given.required(0, "other"), budget);
      case "ne" -> !Values.equal(of, given.required(0, "other"), budget);
      case "lt", "lessthan" -> Values.compare(of, given.required(0, "other"), budget) < 0;
      case "gt", "greaterthan" -> Values.compare(of, given.required(0, "other"), budget) > 0;
      case "le" -> Values.compare(of, given.required(0, "other"), budget) <= 0;
      case "ge" -> Values.compare(of, given.required(0, "other"), budget) >= 0;
      case "in" -> Values.contains(given.required(0, "seq"), of, budget);
      case "lower" -> of instanceof String text && text.equals(text.toLowerCase(Locale.ROOT));
      case "upper" -> of instanceof String text && text.equals(text.toUpperCase(Locale.ROOT));
      default -> throw new JinjaException("test " + name + " is not supported");
    };
  }

  /** Functions that any template may call. */
  Map<String, Values.Callable> functions() {
    return Map.of(
        "range", this::range,
        "namespace", given -> new Values.Namespace(fields(given)),
        "dict", given -> fields(given),
        "raise_exception",
            given -> {
              String message = Values.text(given.get(0, "message"), budget);
              throw new JinjaException("the template refuses: " + message);
            });
  }

  private static Map<String, @Nullable Object> fields(Given all) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (Object given : all.positional()) {
      map(given, "dict").forEach((key, value) -> fields.put(Values.string(key), value));
    }
    fields.putAll(all.named());
    return fields;
  }

  private List<@Nullable Object> range(Given given) {
    boolean fromZero = given.positional().size() < 2;
    long start = fromZero ? 0 : Values.whole(given.required(0, "start"));
    long stop = Values.whole(given.required(fromZero ? 0 : 1, "stop"));
    long step = given.integer(2, "step", 1);
    if (step == 0) {
      throw new JinjaException("range with step 0");
    }
    List<@Nullable Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      if (numbers.size() == MAX_RANGE) {
        throw new JinjaException("range of more than " + MAX_RANGE + " numbers");
      }
      numbers.add(i);
    }
    budget.payElements(numbers.size());
    return numbers;
  }
}
