package ai.kindred.core.lm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Python's operators on the values of templates. */
final class Operators {
  private Operators() {}

  /** The right side is evaluated only where the operator needs it. */
  static @Nullable Object binary(
      String operator, @Nullable Object left, Supplier<@Nullable Object> rightSide, Budget budget) {
    if (operator.equals("and")) {
      return Values.truth(left) ? rightSide.get() : left;
    }
    if (operator.equals("or")) {
      return Values.truth(left) ? left : rightSide.get();
    }
    Object right = rightSide.get();
    if (operator.equals("~")) {
      return concatenate(Values.text(left, budget), Values.text(right, budget), budget);
    }
    if (operator.equals("+") && left instanceof String a && right instanceof String b) {
      return concatenate(a, b, budget);
    }
    if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
      budget.pay(16 + (long) a.size() + b.size());
      List<@Nullable Object> both = new ArrayList<>(a);
      both.addAll(b);
      return both;
    }
    if (operator.equals("*") && left instanceof String text && right instanceof Long times) {
      long count = Math.max(0, times);
      budget.payText(count > Integer.MAX_VALUE ? count : count * (1L + text.length()));
      return text.repeat((int) count);
    }
    if (!Values.isNumeric(left) || !Values.isNumeric(right)) {
      throw new JinjaException(
          "%s cannot join a %s and a %s"
              .formatted(operator, Values.type(left), Values.type(right)));
    }
    boolean whole = !(left instanceof Double) && !(right instanceof Double);
    if (whole && !operator.equals("/")) {
      return whole(operator, Values.whole(left), Values.whole(right));
    }
    return real(operator, Values.real(left), Values.real(right));
  }

  private static String concatenate(String a, String b, Budget budget) {
    budget.payText((long) a.length() + b.length());
    return a.concat(b);
  }

  private static Object whole(String operator, long a, long b) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "//" -> Math.floorDiv(a, b);
        default -> Math.floorMod(a, b);
      };
    } catch (ArithmeticException e) {
      throw new JinjaException(a + " " + operator + " " + b + ": " + e.getMessage());
    }
  }

  private static Object real(String operator, double a, double b) {
    if (b == 0 && List.of("/", "//", "%").contains(operator)) {
      throw new JinjaException(a + " " + operator + " 0");
    }
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / b;
      case "//" -> Math.floor(a / b);
      default -> a - b * Math.floor(a / b);
    };
  }

  static boolean compare(
      String operator, @Nullable Object left, @Nullable Object right, Budget budget) {
    return switch (operator) {
      case "==" -> Values.equal(left, right, budget);
      case "!=" -> !Values.equal(left, right, budget);
      case "in" -> Values.contains(right, left, budget);
      case "not in" -> !Values.contains(right, left, budget);
      case "<" -> Values.compare(left, right, budget) < 0;
      case "<=" -> Values.compare(left, right, budget) <= 0;
      case ">" -> Values.compare(left, right, budget) > 0;
      default -> Values.compare(left, right, budget) >= 0;
    };
  }

  static Object unary(String operator, @Nullable Object value) {
    if (operator.equals("not")) {
      return !Values.truth(value);
    }
    if (value instanceof Double real) {
      return operator.equals("-") ? -real : real;
    }
    long whole = Values.whole(value);
    return operator.equals("-") ? -whole : whole;
  }

  /** Python's {@code of[start:stop:step]} of a string or list; null for a bound left out. */
  static Object slice(
      @Nullable Object of,
      @Nullable Long start,
      @Nullable Long stop,
      @Nullable Long step,
      Budget budget) {
    int size = Values.length(of);
    budget.pay(size);
    long by = step == null ? 1 : step;
    if (by == 0) {
      throw new JinjaException("slice with step 0");
    }
    int[] characters = of instanceof String text ? text.codePoints().toArray() : null;
    StringBuilder part = new StringBuilder();
    List<@Nullable Object> items = new ArrayList<>();
    long end = bound(stop, by > 0 ? size : -1, size, by);
    for (long i = bound(start, by > 0 ? 0 : size - 1, size, by);
        by > 0 ? i < end : i > end;
        i += by) {
      if (characters != null) {
        part.appendCodePoint(characters[(int) i]);
      } else if (of instanceof List<?> list) {
        items.add(list.get((int) i));
      } else {
        throw new JinjaException("a " + Values.type(of) + " has no order to slice");
      }
    }
    return characters != null ? part.toString() : items;
  }

  private static long bound(@Nullable Long given, long otherwise, int size, long step) {
    if (given == null) {
      return otherwise;
    }
    long index = given < 0 ? given + size : given;
    return step > 0 ? Math.max(0, Math.min(size, index)) : Math.max(-1, Math.min(size - 1L, index));
  }
}
