package ai.kindred.core.lm.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A template, ready to render. Safe for use by several threads.
 *
 * <pre>{@code
 * String text = JinjaTemplate.compile("Hello {{ name }}!").render(Map.of("name", "Ada"));
 * }</pre>
 */
public final class JinjaTemplate {
  /** Longest template, in characters. */
  public static final int MAX_TEMPLATE = 1 << 18;

  /** Longest rendering, in characters. */
  public static final int MAX_OUTPUT = 1 << 22;

  /**
   * Steps that one rendering may take; two characters made on the way count as one, an element as
   * sixteen, so that time stays below seconds and memory below some hundred megabytes.
   */
  static final long MAX_STEPS = 20_000_000;

  private final List<Ast.Statement> body;

  private JinjaTemplate(List<Ast.Statement> body) {
    this.body = body;
  }

  /**
   * Parses a template.
   *
   * @throws JinjaException if it is malformed, longer than {@link #MAX_TEMPLATE}, or uses a tag
   *     that is not supported
   */
  public static JinjaTemplate compile(String template) {
    if (template.length() > MAX_TEMPLATE) {
      throw new JinjaException(
          "a template of " + template.length() + " characters; at most " + MAX_TEMPLATE);
    }
    return new JinjaTemplate(Parser.parse(template));
  }

  /**
   * Renders the template.
   *
   * @param variables null (None), Boolean, Long, Double, String, and lists and maps of those
   * @throws JinjaException if the template fails, refuses ({@code raise_exception}), or takes more
   *     than it may
   */
  public String render(Map<String, ? extends @Nullable Object> variables) {
    return new Renderer(variables, new Budget(MAX_STEPS), MAX_OUTPUT).render(body);
  }

  /** As {@link #render(Map)}, with a function that the template can call besides Jinja's own. */
  public String render(
      Map<String, ? extends @Nullable Object> variables, String name, TextFunction function) {
    Renderer renderer = new Renderer(variables, new Budget(MAX_STEPS), MAX_OUTPUT);
    renderer.define(name, function);
    return renderer.render(body);
  }

  /** A function from text to text, such as Hugging Face's {@code strftime_now}. */
  public interface TextFunction {
    /** The function's value. */
    String apply(String argument);
  }
}
