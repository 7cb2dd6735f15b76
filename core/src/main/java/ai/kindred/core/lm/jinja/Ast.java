package ai.kindred.core.lm.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Syntax tree of a template. */
final class Ast {
  private Ast() {}

  /** What is rendered. */
  sealed interface Statement {}

  record Text(String text) implements Statement {}

  record Output(Expression value, int line) implements Statement {}

  record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

  record Branch(Expression condition, List<Statement> body) {}

  /** Names a loop's variables, one or several to unpack into. */
  record For(
      List<String> names,
      Expression items,
      @Nullable Expression filter,
      List<Statement> body,
      List<Statement> otherwise,
      int line)
      implements Statement {}

  /** {@code attribute} is there where a namespace's field is set. */
  record Set(List<String> names, @Nullable String attribute, Expression value, int line)
      implements Statement {}

  record SetBlock(String name, List<Statement> body, int line) implements Statement {}

  record Macro(String name, List<Parameter> parameters, List<Statement> body, int line)
      implements Statement {}

  record Parameter(String name, @Nullable Expression otherwise) {}

  record Break() implements Statement {}

  record Continue() implements Statement {}

  /** What has a value. */
  sealed interface Expression {}

  record Literal(@Nullable Object value) implements Expression {}

  record Name(String name) implements Expression {}

  record ListOf(List<Expression> items) implements Expression {}

  record MapOf(List<Expression> keys, List<Expression> values) implements Expression {}

  record Attribute(Expression of, String name) implements Expression {}

  record Item(Expression of, Expression key) implements Expression {}

  record Slice(
      Expression of,
      @Nullable Expression start,
      @Nullable Expression stop,
      @Nullable Expression step)
      implements Expression {}

  record Call(Expression function, Arguments arguments) implements Expression {}

  record Filter(Expression of, String name, Arguments arguments) implements Expression {}

  record Test(Expression of, String name, Arguments arguments, boolean negated)
      implements Expression {}

  record Unary(String operator, Expression of) implements Expression {}

  /** Arithmetic, concatenation and short-circuit logic. */
  record Binary(String operator, Expression left, Expression right) implements Expression {}

  /** {@code a < b < c}: each operator with what is right of it. */
  record Comparison(Expression first, List<String> operators, List<Expression> others)
      implements Expression {}

  record Choice(Expression condition, Expression then, @Nullable Expression otherwise)
      implements Expression {}

  record Arguments(List<Expression> positional, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
