package ai.kindred.core.lm.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Python's meaning of values: None is null, then Boolean, Long, Double, String, List, Map, and the
 * three kinds that are declared here.
 */
final class Values {
  private static final int MAX_DEPTH = 64;

  private Values() {}

  /** A variable, key or attribute that is not there; most uses of it fail. */
  record Undefined(String name) {}

  /** The only thing that a template can change: {@code namespace()}. */
  record Namespace(Map<String, @Nullable Object> fields) {}

  /** A macro, function or method. */
  interface Callable {
    @Nullable Object call(Given given);
  }

  static boolean truth(@Nullable Object value) {
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return value != null && !(value instanceof Undefined);
  }

  /** Python's {@code str}. */
  static String text(@Nullable Object value, Budget budget) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Undefined) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    write(value, out, budget, 0);
    return out.toString();
  }

  /** Python's {@code repr}. */
  private static void write(@Nullable Object value, StringBuilder out, Budget budget, int depth) {
    checkDepth(depth);
    budget.pay(8);
    if (value == null) {
      out.append("None");
    } else if (value instanceof Boolean flag) {
      out.append(flag ? "True" : "False");
    } else if (value instanceof Number number) {
      out.append(number(number));
    } else if (value instanceof String text) {
      budget.payText(text.length());
      char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
      String escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
      out.append(quote).append(quote == '\'' ? escaped.replace("'", "\\'") : escaped).append(quote);
    } else if (value instanceof List<?> list) {
      out.append('[');
      String separator = "";
      for (Object item : list) {
        out.append(separator);
        write(item, out, budget, depth + 1);
        separator = ", ";
      }
      out.append(']');
    } else if (value instanceof Map<?, ?> map) {
      out.append('{');
      String separator = "";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        write(entry.getKey(), out, budget, depth + 1);
        out.append(": ");
        write(entry.getValue(), out, budget, depth + 1);
        separator = ", ";
      }
      out.append('}');
    } else {
      throw new JinjaException("a " + type(value) + " cannot be written");
    }
  }

  static String number(Number number) {
    if (number instanceof Double real) {
      if (real.isNaN() || real.isInfinite()) {
        return real.isNaN() ? "nan" : real > 0 ? "inf" : "-inf";
      }
      double size = Math.abs(real);
      if (size != 0 && (size >= 1e16 || size < 1e-4)) {
        return real.toString().replace("E", "e").replace(".0e", "e");
      }
      String plain = new BigDecimal(real.toString()).toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    return number.toString();
  }

  static boolean equal(@Nullable Object a, @Nullable Object b, Budget budget) {
    return equal(a, b, budget, 0);
  }

  private static boolean equal(@Nullable Object a, @Nullable Object b, Budget budget, int depth) {
    checkDepth(depth);
    budget.pay(1);
    if (a instanceof List<?> left && b instanceof List<?> right) {
      if (left.size() != right.size()) {
        return false;
      }
      for (int i = 0; i < left.size(); i++) {
        if (!equal(left.get(i), right.get(i), budget, depth + 1)) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
      if (left.size() != right.size()) {
        return false;
      }
      for (Map.Entry<?, ?> entry : left.entrySet()) {
        if (!right.containsKey(entry.getKey())
            || !equal(entry.getValue(), right.get(entry.getKey()), budget, depth + 1)) {
          return false;
        }
      }
      return true;
    }
    if (isNumeric(a) && isNumeric(b)) {
      return real(a) == real(b);
    }
    if (a instanceof String text) {
      budget.payText(text.length());
    }
    return a instanceof Undefined ? b instanceof Undefined : Objects.equals(a, b);
  }

  /** Negative, zero or positive, for two numbers or two strings. */
  static int compare(@Nullable Object a, @Nullable Object b, Budget budget) {
    if (isNumeric(a) && isNumeric(b)) {
      return Double.compare(real(a), real(b));
    }
    if (a instanceof String left && b instanceof String right) {
      budget.payText(left.length());
      return left.compareTo(right);
    }
    throw new JinjaException("a " + type(a) + " and a " + type(b) + " have no order");
  }

  /** Python's {@code in}. */
  static boolean contains(@Nullable Object container, @Nullable Object item, Budget budget) {
    if (container instanceof String text && item instanceof String part) {
      budget.paySearch(text.length(), part.length());
      return text.contains(part);
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(key(item));
    }
    if (container instanceof List<?> list) {
      return list.stream().anyMatch(element -> equal(element, item, budget));
    }
    throw new JinjaException("cannot look for a " + type(item) + " in a " + type(container));
  }

  /** What a for loop runs over. */
  static List<@Nullable Object> items(@Nullable Object value, Budget budget) {
    List<@Nullable Object> items = new ArrayList<>();
    if (value instanceof List<?> list) {
      items.addAll(list);
    } else if (value instanceof Map<?, ?> map) {
      items.addAll(map.keySet());
    } else if (value instanceof String text) {
      text.codePoints().mapToObj(Character::toString).forEach(items::add);
    } else if (!(value instanceof Undefined)) {
      throw new JinjaException("a " + type(value) + " cannot be iterated over");
    }
    budget.pay(value instanceof String ? 16L * items.size() : items.size());
    return items;
  }

  static int length(@Nullable Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof List<?> list) {
      return list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof Undefined) {
      return 0;
    }
    throw new JinjaException("a " + type(value) + " has no length");
  }

  /** A map's key: text, number, boolean or None. */
  static @Nullable Object key(@Nullable Object value) {
    if (value == null
        || value instanceof String
        || value instanceof Number
        || value instanceof Boolean) {
      return value;
    }
    throw new JinjaException("a " + type(value) + " cannot be a key");
  }

  static boolean isNumeric(@Nullable Object value) {
    return value instanceof Number || value instanceof Boolean;
  }

  static double real(@Nullable Object value) {
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new JinjaException("expected a number, not a " + type(value));
  }

  static long whole(@Nullable Object value) {
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof Boolean flag) {
      return flag ? 1 : 0;
    }
    throw new JinjaException("expected a whole number, not a " + type(value));
  }

  static String string(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new JinjaException("expected a string, not a " + type(value));
  }

  /** JSON as Python's {@code json.dumps(ensure_ascii=False)} writes it. */
  static void json(
      @Nullable Object value,
      @Nullable Integer indent,
      StringBuilder out,
      Budget budget,
      int depth) {
    checkDepth(depth);
    budget.pay(8);
    if (value == null) {
      out.append("null");
    } else if (value instanceof Boolean flag) {
      out.append(flag);
    } else if (value instanceof Number number) {
      out.append(number(number));
    } else if (value instanceof String text) {
      jsonString(text, out, budget);
    } else if (value instanceof List<?> list) {
      String separator = "";
      out.append('[');
      for (Object item : list) {
        out.append(separator);
        newLine(indent, depth + 1, out, budget);
        json(item, indent, out, budget, depth + 1);
        separator = indent == null ? ", " : ",";
      }
      newLine(list.isEmpty() ? null : indent, depth, out, budget);
      out.append(']');
    } else if (value instanceof Map<?, ?> map) {
      String separator = "";
      out.append('{');
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator);
        newLine(indent, depth + 1, out, budget);
        jsonString(text(entry.getKey(), budget), out, budget);
        out.append(": ");
        json(entry.getValue(), indent, out, budget, depth + 1);
        separator = indent == null ? ", " : ",";
      }
      newLine(map.isEmpty() ? null : indent, depth, out, budget);
      out.append('}');
    } else {
      throw new JinjaException("a " + type(value) + " cannot be written as JSON");
    }
  }

  private static void newLine(
      @Nullable Integer indent, int depth, StringBuilder out, Budget budget) {
    if (indent != null) {
      budget.pay((long) indent * depth);
      out.append('\n').append(" ".repeat(indent * depth));
    }
  }

  private static void jsonString(String text, StringBuilder out, Budget budget) {
    budget.payText(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> out.append(c < 0x20 ? "\\u%04x".formatted((int) c) : String.valueOf(c));
      }
    }
    out.append('"');
  }

  static String type(@Nullable Object value) {
    if (value instanceof Undefined undefined) {
      return "value that is not defined (" + undefined.name() + ")";
    }
    return value == null
        ? "None"
        : value instanceof Boolean
            ? "boolean"
            : value instanceof Number
                ? "number"
                : value instanceof String
                    ? "string"
                    : value instanceof List ? "list" : value instanceof Map ? "map" : "function";
  }

  private static void checkDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw new JinjaException("a value is nested more than " + MAX_DEPTH + " deep");
    }
  }
}
