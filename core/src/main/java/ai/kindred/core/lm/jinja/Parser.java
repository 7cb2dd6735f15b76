package ai.kindred.core.lm.jinja;

import ai.kindred.core.lm.jinja.Lexer.Kind;
import ai.kindred.core.lm.jinja.Lexer.Token;
import java.util.ArrayList;
import java.util.List;

/** Recursive-descent parser of text, output and tags. */
final class Parser {
  private final ExpressionParser words;

  private Parser(ExpressionParser words) {
    this.words = words;
  }

  static List<Ast.Statement> parse(String template) {
    Parser parser = new Parser(new ExpressionParser(Lexer.tokens(template)));
    List<Ast.Statement> body = parser.body();
    if (parser.words.peek().kind() != Kind.END) {
      throw parser.words.error("unexpected " + parser.words.ahead().text());
    }
    return body;
  }

  /** Statements up to the end, or to a tag that no statement begins with. */
  private List<Ast.Statement> body() {
    words.enter();
    List<Ast.Statement> body = new ArrayList<>();
    while (true) {
      Token token = words.peek();
      switch (token.kind()) {
        case TEXT -> body.add(new Ast.Text(words.next().text()));
        case OPEN_OUTPUT -> {
          words.next();
          body.add(new Ast.Output(words.tuple(), token.line()));
          words.expect(Kind.CLOSE_OUTPUT, "");
        }
        case OPEN_BLOCK -> {
          String name = words.ahead().text();
          if (name.startsWith("end") || name.equals("else") || name.equals("elif")) {
            words.leave();
            return body;
          }
          words.next();
          words.next();
          statement(name, token.line(), body);
        }
        default -> {
          words.leave();
          return body;
        }
      }
    }
  }

  private void statement(String name, int line, List<Ast.Statement> body) {
    switch (name) {
      case "if" -> body.add(conditional(line));
      case "for" -> body.add(loop(line));
      case "set" -> body.add(assignment(line));
      case "macro" -> body.add(macro(line));
      case "break" -> {
        closeBlock();
        body.add(new Ast.Break());
      }
      case "continue" -> {
        closeBlock();
        body.add(new Ast.Continue());
      }
      // Hugging Face's mark of what a model is trained on; it renders as its content.
      case "generation" -> {
        closeBlock();
        body.addAll(body());
        end("endgeneration");
      }
      default -> throw new JinjaException("line " + line + ": tag " + name + " is not supported");
    }
  }

  private Ast.If conditional(int line) {
    List<Ast.Branch> branches = new ArrayList<>();
    Ast.Expression condition = words.expression();
    closeBlock();
    branches.add(new Ast.Branch(condition, body()));
    List<Ast.Statement> otherwise = List.of();
    while (true) {
      words.expect(Kind.OPEN_BLOCK, "");
      String name = words.next().text();
      if (name.equals("elif")) {
        condition = words.expression();
        closeBlock();
        branches.add(new Ast.Branch(condition, body()));
      } else if (name.equals("else")) {
        closeBlock();
        otherwise = body();
        end("endif");
        return new Ast.If(branches, otherwise, line);
      } else if (name.equals("endif")) {
        closeBlock();
        return new Ast.If(branches, otherwise, line);
      } else {
        throw words.error("expected endif, not " + name);
      }
    }
  }

  private Ast.For loop(int line) {
    List<String> names = names();
    words.expect(Kind.NAME, "in");
    Ast.Expression items = words.or();
    Ast.Expression filter = words.accept(Kind.NAME, "if") ? words.expression() : null;
    closeBlock();
    List<Ast.Statement> body = body();
    List<Ast.Statement> otherwise = List.of();
    if (words.ahead().is(Kind.NAME, "else")) {
      end("else");
      otherwise = body();
    }
    end("endfor");
    return new Ast.For(names, items, filter, body, otherwise, line);
  }

  private Ast.Statement assignment(int line) {
    List<String> names = names();
    String attribute =
        words.accept(Kind.OPERATOR, ".") ? words.expect(Kind.NAME, null).text() : null;
    if (words.accept(Kind.OPERATOR, "=")) {
      Ast.Expression value = words.tuple();
      closeBlock();
      return new Ast.Set(names, attribute, value, line);
    }
    closeBlock();
    if (names.size() > 1 || attribute != null) {
      throw words.error("set without = takes one name");
    }
    List<Ast.Statement> body = body();
    end("endset");
    return new Ast.SetBlock(names.get(0), body, line);
  }

  private Ast.Macro macro(int line) {
    String name = words.expect(Kind.NAME, null).text();
    words.expect(Kind.OPERATOR, "(");
    List<Ast.Parameter> parameters = new ArrayList<>();
    while (!words.accept(Kind.OPERATOR, ")")) {
      String parameter = words.expect(Kind.NAME, null).text();
      Ast.Expression otherwise = words.accept(Kind.OPERATOR, "=") ? words.expression() : null;
      parameters.add(new Ast.Parameter(parameter, otherwise));
      if (!words.peek().is(Kind.OPERATOR, ")")) {
        words.expect(Kind.OPERATOR, ",");
      }
    }
    closeBlock();
    List<Ast.Statement> body = body();
    end("endmacro");
    return new Ast.Macro(name, parameters, body, line);
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    boolean bracket = words.accept(Kind.OPERATOR, "(");
    do {
      names.add(words.expect(Kind.NAME, null).text());
    } while (words.accept(Kind.OPERATOR, ","));
    if (bracket) {
      words.expect(Kind.OPERATOR, ")");
    }
    return names;
  }

  private void end(String name) {
    words.expect(Kind.OPEN_BLOCK, "");
    words.expect(Kind.NAME, name);
    closeBlock();
  }

  private void closeBlock() {
    words.expect(Kind.CLOSE_BLOCK, "");
  }
}
