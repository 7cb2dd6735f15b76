package ai.kindred.core.lm.jinja;

import ai.kindred.core.lm.jinja.Values.Undefined;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Walks a template's tree once. */
final class Renderer {
  /** How a body ended. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  /** Variables of a loop or macro, and those around it. */
  private record Scope(Map<String, @Nullable Object> variables, @Nullable Scope outer) {
    @Nullable Object get(String name) {
      for (Scope scope = this; scope != null; scope = scope.outer) {
        if (scope.variables.containsKey(name)) {
          return scope.variables.get(name);
        }
      }
      return new Undefined(name);
    }

    Scope inner() {
      return new Scope(new HashMap<>(), this);
    }
  }

  private final Budget budget;
  private final Builtins builtins;
  private final Scope global;
  private final int maxOutput;
  private StringBuilder out = new StringBuilder();
  private int line;

  Renderer(Map<String, ? extends @Nullable Object> variables, Budget budget, int maxOutput) {
    this.budget = budget;
    this.maxOutput = maxOutput;
    this.builtins = new Builtins(budget);
    this.global = new Scope(new HashMap<>(builtins.functions()), null);
    global.variables().putAll(variables);
  }

  void define(String name, JinjaTemplate.TextFunction function) {
    Values.Callable callable = given -> function.apply(Values.string(given.required(0, "format")));
    global.variables().put(name, callable);
  }

  String render(List<Ast.Statement> template) {
    try {
      run(template, global);
      return out.toString();
    } catch (JinjaException e) {
      throw String.valueOf(e.getMessage()).startsWith("line ")
          ? e
          : new JinjaException("line " + line + ": " + e.getMessage());
    }
  }

  private Flow run(List<Ast.Statement> body, Scope scope) {
    for (Ast.Statement statement : body) {
      budget.enter();
      Flow flow = run(statement, scope);
      budget.leave();
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow run(Ast.Statement statement, Scope scope) {
    if (statement instanceof Ast.Text text) {
      write(text.text());
    } else if (statement instanceof Ast.Output output) {
      line = output.line();
      write(Values.text(value(output.value(), scope), budget));
    } else if (statement instanceof Ast.If choice) {
      line = choice.line();
      for (Ast.Branch branch : choice.branches()) {
        if (Values.truth(value(branch.condition(), scope))) {
          return run(branch.body(), scope);
        }
      }
      return run(choice.otherwise(), scope);
    } else if (statement instanceof Ast.For loop) {
      line = loop.line();
      loop(loop, scope);
    } else if (statement instanceof Ast.Set set) {
      line = set.line();
      assign(set, scope);
    } else if (statement instanceof Ast.SetBlock set) {
      line = set.line();
      scope.variables().put(set.name(), capture(set.body(), scope));
    } else if (statement instanceof Ast.Macro macro) {
      scope.variables().put(macro.name(), function(macro, scope));
    } else {
      return statement instanceof Ast.Break ? Flow.BREAK : Flow.CONTINUE;
    }
    return Flow.ON;
  }

  private void write(String text) {
    budget.payText(text.length());
    if (out.length() + (long) text.length() > maxOutput) {
      throw new JinjaException("more than " + maxOutput + " characters of output");
    }
    out.append(text);
  }

  private String capture(List<Ast.Statement> body, Scope scope) {
    StringBuilder outside = out;
    out = new StringBuilder();
    try {
      run(body, scope.inner());
      return out.toString();
    } finally {
      out = outside;
    }
  }

  private void loop(Ast.For loop, Scope scope) {
    List<@Nullable Object> items = Values.items(value(loop.items(), scope), budget);
    if (loop.filter() != null) {
      List<@Nullable Object> kept = new ArrayList<>();
      for (Object item : items) {
        Scope inner = scope.inner();
        unpack(loop.names(), item, inner);
        if (Values.truth(value(loop.filter(), inner))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    if (items.isEmpty()) {
      run(loop.otherwise(), scope);
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      budget.payElements(1);
      Scope inner = scope.inner();
      inner.variables().put("loop", loopVariable(items, i));
      unpack(loop.names(), items.get(i), inner);
      if (run(loop.body(), inner) == Flow.BREAK) {
        return;
      }
    }
  }

  private static Map<String, @Nullable Object> loopVariable(List<@Nullable Object> items, int i) {
    Map<String, @Nullable Object> loop = new HashMap<>();
    loop.put("index", i + 1L);
    loop.put("index0", (long) i);
    loop.put("revindex", (long) items.size() - i);
    loop.put("revindex0", items.size() - i - 1L);
    loop.put("first", i == 0);
    loop.put("last", i == items.size() - 1);
    loop.put("length", (long) items.size());
    if (i > 0) {
      loop.put("previtem", items.get(i - 1));
    }
    if (i + 1 < items.size()) {
      loop.put("nextitem", items.get(i + 1));
    }
    return loop;
  }

  private void assign(Ast.Set set, Scope scope) {
    Object value = value(set.value(), scope);
    if (set.attribute() == null) {
      unpack(set.names(), value, scope);
    } else if (set.names().size() == 1
        && scope.get(set.names().get(0)) instanceof Values.Namespace namespace) {
      namespace.fields().put(set.attribute(), value);
    } else {
      throw new JinjaException(set.names().get(0) + " is no namespace; only those can be changed");
    }
  }

  private void unpack(List<String> names, @Nullable Object value, Scope scope) {
    if (names.size() == 1) {
      scope.variables().put(names.get(0), value);
      return;
    }
    List<@Nullable Object> values = Values.items(value, budget);
    if (values.size() != names.size()) {
      throw new JinjaException(
          "cannot unpack " + values.size() + " values into " + names.size() + " names");
    }
    for (int i = 0; i < names.size(); i++) {
      scope.variables().put(names.get(i), values.get(i));
    }
  }

  private Values.Callable function(Ast.Macro macro, Scope defined) {
    return given -> {
      if (given.positional().size() > macro.parameters().size()) {
        throw new JinjaException("macro " + macro.name() + " is given too many arguments");
      }
      Scope scope = defined.inner();
      for (int i = 0; i < macro.parameters().size(); i++) {
        Ast.Parameter parameter = macro.parameters().get(i);
        Object value;
        if (given.has(i, parameter.name())) {
          value = given.get(i, parameter.name());
        } else if (parameter.otherwise() != null) {
          value = value(parameter.otherwise(), scope);
        } else {
          value = new Undefined(parameter.name());
        }
        scope.variables().put(parameter.name(), value);
      }
      return capture(macro.body(), scope);
    };
  }

  private @Nullable Object value(Ast.Expression expression, Scope scope) {
    budget.enter();
    Object value = evaluate(expression, scope);
    budget.leave();
    return value;
  }

  private @Nullable Object evaluate(Ast.Expression expression, Scope scope) {
    if (expression instanceof Ast.Literal literal) {
      return literal.value();
    }
    if (expression instanceof Ast.Name name) {
      return scope.get(name.name());
    }
    if (expression instanceof Ast.Attribute attribute) {
      return attribute(value(attribute.of(), scope), attribute.name());
    }
    if (expression instanceof Ast.Item item) {
      return item(value(item.of(), scope), value(item.key(), scope));
    }
    if (expression instanceof Ast.Slice slice) {
      return slice(slice, scope);
    }
    if (expression instanceof Ast.Call call) {
      return call(call, scope);
    }
    if (expression instanceof Ast.Filter filter) {
      Object of = value(filter.of(), scope);
      return builtins.filter(filter.name(), of, given(filter.name(), filter.arguments(), scope));
    }
    if (expression instanceof Ast.Test test) {
      Object of = value(test.of(), scope);
      Given given = given(test.name(), test.arguments(), scope);
      return builtins.test(test.name(), of, given) != test.negated();
    }
    if (expression instanceof Ast.Binary binary) {
      return Operators.binary(
          binary.operator(),
          value(binary.left(), scope),
          () -> value(binary.right(), scope),
          budget);
    }
    if (expression instanceof Ast.Comparison comparison) {
      Object left = value(comparison.first(), scope);
      for (int i = 0; i < comparison.operators().size(); i++) {
        Object right = value(comparison.others().get(i), scope);
        if (!Operators.compare(comparison.operators().get(i), left, right, budget)) {
          return false;
        }
        left = right;
      }
      return true;
    }
    if (expression instanceof Ast.Unary unary) {
      return Operators.unary(unary.operator(), value(unary.of(), scope));
    }
    if (expression instanceof Ast.Choice choice) {
      if (Values.truth(value(choice.condition(), scope))) {
        return value(choice.then(), scope);
      }
      return choice.otherwise() == null ? new Undefined("else") : value(choice.otherwise(), scope);
    }
    if (expression instanceof Ast.ListOf list) {
      budget.payElements(1 + list.items().size());
      List<@Nullable Object> items = new ArrayList<>();
      for (Ast.Expression item : list.items()) {
        items.add(value(item, scope));
      }
      return items;
    }
    return map((Ast.MapOf) expression, scope);
  }

  private Object map(Ast.MapOf map, Scope scope) {
    budget.payElements(1 + map.keys().size());
    Map<@Nullable Object, @Nullable Object> result = new LinkedHashMap<>();
    for (int i = 0; i < map.keys().size(); i++) {
      Object key = Values.key(value(map.keys().get(i), scope));
      result.put(key, value(map.values().get(i), scope));
    }
    return result;
  }

  private @Nullable Object attribute(@Nullable Object of, String name) {
    if (of instanceof Undefined undefined) {
      throw new JinjaException(undefined.name() + " is not defined, so it has no " + name);
    }
    if (of instanceof Values.Namespace namespace) {
      return namespace.fields().containsKey(name)
          ? namespace.fields().get(name)
          : new Undefined(name);
    }
    Values.Callable method = Methods.find(of, name, budget);
    if (method != null) {
      return method;
    }
    return of instanceof Map<?, ?> map && map.containsKey(name)
        ? map.get(name)
        : new Undefined(name);
  }

  private @Nullable Object item(@Nullable Object of, @Nullable Object key) {
    if (of instanceof Map<?, ?> map) {
      Object at = Values.key(key);
      return map.containsKey(at) ? map.get(at) : new Undefined(String.valueOf(at));
    }
    if (key instanceof String name) {
      return attribute(of, name);
    }
    if (of instanceof String || of instanceof List) {
      int size = Values.length(of);
      long at = Values.whole(key);
      int index = (int) Math.max(-1, Math.min(size, at < 0 ? at + size : at));
      if (index < 0 || index == size) {
        return new Undefined("element " + at);
      }
      if (of instanceof List<?> list) {
        return list.get(index);
      }
      String text = Values.string(of);
      budget.payText(text.length());
      return Character.toString(text.codePointAt(text.offsetByCodePoints(0, index)));
    }
    throw new JinjaException("a " + Values.type(of) + " has no elements");
  }

  private Object slice(Ast.Slice slice, Scope scope) {
    return Operators.slice(
        value(slice.of(), scope),
        bound(slice.start(), scope),
        bound(slice.stop(), scope),
        bound(slice.step(), scope),
        budget);
  }

  private @Nullable Long bound(Ast.@Nullable Expression given, Scope scope) {
    Object value = given == null ? null : value(given, scope);
    return value == null ? null : (Long) Values.whole(value);
  }

  private @Nullable Object call(Ast.Call call, Scope scope) {
    Object function = value(call.function(), scope);
    String name =
        call.function() instanceof Ast.Name named
            ? named.name()
            : call.function() instanceof Ast.Attribute attribute
                ? attribute.name()
                : "an expression";
    if (!(function instanceof Values.Callable callable)) {
      throw new JinjaException(name + " is no function that templates may call");
    }
    return callable.call(given(name, call.arguments(), scope));
  }

  private Given given(String function, Ast.Arguments arguments, Scope scope) {
    List<@Nullable Object> positional = new ArrayList<>();
    for (Ast.Expression argument : arguments.positional()) {
      positional.add(value(argument, scope));
    }
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    arguments.named().forEach((name, argument) -> named.put(name, value(argument, scope)));
    return new Given(function, positional, named);
  }
}
