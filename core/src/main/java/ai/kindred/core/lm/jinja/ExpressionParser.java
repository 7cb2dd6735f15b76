package ai.kindred.core.lm.jinja;

import ai.kindred.core.lm.jinja.Lexer.Kind;
import ai.kindred.core.lm.jinja.Lexer.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Recursive-descent parser of expressions, with Jinja's precedences; words are read through it. */
final class ExpressionParser {
  private static final int MAX_DEPTH = 64;

  private final List<Token> tokens;
  private int at;
  private int depth;

  ExpressionParser(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** An expression, or several with commas between, which are a list. */
  Ast.Expression tuple() {
    Ast.Expression first = expression();
    if (!peek().is(Kind.OPERATOR, ",")) {
      return first;
    }
    List<Ast.Expression> items = new ArrayList<>(List.of(first));
    while (accept(Kind.OPERATOR, ",")) {
      items.add(expression());
    }
    return new Ast.ListOf(items);
  }

  Ast.Expression expression() {
    enter();
    Ast.Expression value = or();
    while (accept(Kind.NAME, "if")) {
      Ast.Expression condition = or();
      Ast.Expression otherwise = accept(Kind.NAME, "else") ? expression() : null;
      value = new Ast.Choice(condition, value, otherwise);
    }
    leave();
    return value;
  }

  Ast.Expression or() {
    Ast.Expression left = and();
    while (accept(Kind.NAME, "or")) {
      left = new Ast.Binary("or", left, and());
    }
    return left;
  }

  private Ast.Expression and() {
    Ast.Expression left = not();
    while (accept(Kind.NAME, "and")) {
      left = new Ast.Binary("and", left, not());
    }
    return left;
  }

  private Ast.Expression not() {
    if (accept(Kind.NAME, "not")) {
      enter();
      Ast.Expression of = not();
      leave();
      return new Ast.Unary("not", of);
    }
    return comparison();
  }

  private Ast.Expression comparison() {
    Ast.Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Ast.Expression> others = new ArrayList<>();
    while (true) {
      Token token = peek();
      if (token.kind() == Kind.OPERATOR
          && List.of("==", "!=", "<", "<=", ">", ">=").contains(token.text())) {
        operators.add(next().text());
      } else if (accept(Kind.NAME, "in")) {
        operators.add("in");
      } else if (token.is(Kind.NAME, "not") && ahead().is(Kind.NAME, "in")) {
        at += 2;
        operators.add("not in");
      } else {
        return operators.isEmpty() ? first : new Ast.Comparison(first, operators, others);
      }
      others.add(sum());
    }
  }

  private Ast.Expression sum() {
    Ast.Expression left = concatenation();
    while (peek().is(Kind.OPERATOR, "+") || peek().is(Kind.OPERATOR, "-")) {
      left = new Ast.Binary(next().text(), left, concatenation());
    }
    return left;
  }

  private Ast.Expression concatenation() {
    Ast.Expression left = product();
    while (accept(Kind.OPERATOR, "~")) {
      left = new Ast.Binary("~", left, product());
    }
    return left;
  }

  private Ast.Expression product() {
    Ast.Expression left = unary(true);
    while (peek().kind() == Kind.OPERATOR && List.of("*", "/", "//", "%").contains(peek().text())) {
      left = new Ast.Binary(next().text(), left, unary(true));
    }
    if (peek().is(Kind.OPERATOR, "**")) {
      throw error("** is not supported");
    }
    return left;
  }

  private Ast.Expression unary(boolean filters) {
    enter();
    Ast.Expression value;
    if (peek().is(Kind.OPERATOR, "-") || peek().is(Kind.OPERATOR, "+")) {
      String operator = next().text();
      value = new Ast.Unary(operator, unary(false));
    } else {
      value = postfix(primary());
    }
    if (filters) {
      value = filters(value);
    }
    leave();
    return value;
  }

  private Ast.Expression primary() {
    Token token = next();
    switch (token.kind()) {
      case STRING -> {
        StringBuilder text = new StringBuilder(token.text());
        while (peek().kind() == Kind.STRING) {
          text.append(next().text());
        }
        return new Ast.Literal(text.toString());
      }
      case INTEGER -> {
        if (token.text().length() > 18) {
          throw error("number " + token.text() + " is too large");
        }
        return new Ast.Literal(Long.valueOf(token.text()));
      }
      case DECIMAL -> {
        return new Ast.Literal(Double.valueOf(token.text()));
      }
      case NAME -> {
        return switch (token.text()) {
          case "true", "True" -> new Ast.Literal(true);
          case "false", "False" -> new Ast.Literal(false);
          case "none", "None" -> new Ast.Literal(null);
          default -> new Ast.Name(token.text());
        };
      }
      case OPERATOR -> {
        if (token.text().equals("(")) {
          return bracketed();
        }
        if (token.text().equals("[")) {
          return new Ast.ListOf(items("]"));
        }
        if (token.text().equals("{")) {
          return map();
        }
        throw error("unexpected " + token.text());
      }
      default -> throw error("an expression is missing");
    }
  }

  private Ast.Expression bracketed() {
    if (accept(Kind.OPERATOR, ")")) {
      return new Ast.ListOf(List.of());
    }
    Ast.Expression first = expression();
    if (accept(Kind.OPERATOR, ")")) {
      return first;
    }
    expect(Kind.OPERATOR, ",");
    List<Ast.Expression> items = new ArrayList<>(List.of(first));
    items.addAll(items(")"));
    return new Ast.ListOf(items);
  }

  private List<Ast.Expression> items(String close) {
    List<Ast.Expression> items = new ArrayList<>();
    while (!accept(Kind.OPERATOR, close)) {
      items.add(expression());
      if (!peek().is(Kind.OPERATOR, close)) {
        expect(Kind.OPERATOR, ",");
      }
    }
    return items;
  }

  private Ast.Expression map() {
    List<Ast.Expression> keys = new ArrayList<>();
    List<Ast.Expression> values = new ArrayList<>();
    while (!accept(Kind.OPERATOR, "}")) {
      keys.add(expression());
      expect(Kind.OPERATOR, ":");
      values.add(expression());
      if (!peek().is(Kind.OPERATOR, "}")) {
        expect(Kind.OPERATOR, ",");
      }
    }
    return new Ast.MapOf(keys, values);
  }

  private Ast.Expression postfix(Ast.Expression value) {
    while (true) {
      if (accept(Kind.OPERATOR, ".")) {
        Token name = next();
        if (name.kind() == Kind.INTEGER) {
          value = new Ast.Item(value, new Ast.Literal(Long.valueOf(name.text())));
        } else if (name.kind() == Kind.NAME) {
          value = new Ast.Attribute(value, name.text());
        } else {
          throw error("a name must follow the dot");
        }
      } else if (accept(Kind.OPERATOR, "[")) {
        value = subscript(value);
      } else if (accept(Kind.OPERATOR, "(")) {
        value = new Ast.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Ast.Expression subscript(Ast.Expression of) {
    Ast.Expression start = peek().is(Kind.OPERATOR, ":") ? null : expression();
    if (start != null && accept(Kind.OPERATOR, "]")) {
      return new Ast.Item(of, start);
    }
    expect(Kind.OPERATOR, ":");
    Ast.Expression stop = bound();
    Ast.Expression step = accept(Kind.OPERATOR, ":") ? bound() : null;
    expect(Kind.OPERATOR, "]");
    return new Ast.Slice(of, start, stop, step);
  }

  private Ast.@Nullable Expression bound() {
    return peek().is(Kind.OPERATOR, ":") || peek().is(Kind.OPERATOR, "]") ? null : expression();
  }

  private Ast.Arguments arguments() {
    List<Ast.Expression> positional = new ArrayList<>();
    Map<String, Ast.Expression> named = new LinkedHashMap<>();
    while (!accept(Kind.OPERATOR, ")")) {
      if (peek().kind() == Kind.NAME && ahead().is(Kind.OPERATOR, "=")) {
        String name = next().text();
        next();
        named.put(name, expression());
      } else {
        positional.add(expression());
      }
      if (!peek().is(Kind.OPERATOR, ")")) {
        expect(Kind.OPERATOR, ",");
      }
    }
    return new Ast.Arguments(positional, named);
  }

  private Ast.Expression filters(Ast.Expression value) {
    while (true) {
      if (accept(Kind.OPERATOR, "|")) {
        String name = expect(Kind.NAME, null).text();
        Ast.Arguments arguments = accept(Kind.OPERATOR, "(") ? arguments() : Ast.Arguments.NONE;
        value = new Ast.Filter(value, name, arguments);
      } else if (accept(Kind.NAME, "is")) {
        boolean negated = accept(Kind.NAME, "not");
        value = new Ast.Test(value, expect(Kind.NAME, null).text(), testArguments(), negated);
      } else if (accept(Kind.OPERATOR, "(")) {
        value = new Ast.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /** In brackets, or one value without: {@code n is divisibleby 3}. */
  private Ast.Arguments testArguments() {
    if (accept(Kind.OPERATOR, "(")) {
      return arguments();
    }
    Token token = peek();
    boolean value =
        switch (token.kind()) {
          case STRING, INTEGER, DECIMAL -> true;
          case NAME ->
              !List.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
          default -> token.is(Kind.OPERATOR, "[") || token.is(Kind.OPERATOR, "{");
        };
    return value ? new Ast.Arguments(List.of(postfix(primary())), Map.of()) : Ast.Arguments.NONE;
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw error("nested more than " + MAX_DEPTH + " deep");
    }
  }

  void leave() {
    depth--;
  }

  Token peek() {
    return tokens.get(at);
  }

  Token ahead() {
    return tokens.get(Math.min(at + 1, tokens.size() - 1));
  }

  Token next() {
    Token token = tokens.get(at);
    if (token.kind() != Kind.END) {
      at++;
    }
    return token;
  }

  boolean accept(Kind kind, String text) {
    if (peek().is(kind, text)) {
      at++;
      return true;
    }
    return false;
  }

  Token expect(Kind kind, @Nullable String text) {
    Token token = next();
    if (token.kind() != kind || (text != null && !token.text().equals(text))) {
      String wanted = text == null || text.isEmpty() ? kind.name() : text;
      String found = token.text().isEmpty() ? token.kind().name() : token.text();
      throw new JinjaException(
          "line " + token.line() + ": expected " + words(wanted) + ", not " + words(found));
    }
    return token;
  }

  private static String words(String kind) {
    return switch (kind) {
      case "CLOSE_BLOCK" -> "%}";
      case "CLOSE_OUTPUT" -> "}}";
      case "OPEN_BLOCK" -> "{%";
      case "OPEN_OUTPUT" -> "{{";
      case "NAME" -> "a name";
      case "END" -> "the end of the template";
      default -> kind.length() <= 40 ? kind : kind.substring(0, 40) + "...";
    };
  }

  JinjaException error(String problem) {
    return new JinjaException("line " + tokens.get(Math.max(0, at - 1)).line() + ": " + problem);
  }
}
