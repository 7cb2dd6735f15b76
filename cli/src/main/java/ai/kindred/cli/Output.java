package ai.kindred.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Where a command writes. Declared by a command as {@code @Mixin private final Output output = new
 * Output();}, it adds the option {@code --json}.
 */
public final class Output {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(names = "--json", description = "Print results as JSON, one object a line.")
  private boolean json;

  /** Whether results are wanted as JSON. */
  public boolean json() {
    return json;
  }

  /**
   * Prints one result and flushes it: as text, or with {@code --json} as one line.
   *
   * @param value what Jackson can write: a record, a map, a tree
   * @param text the same for people, without a line end
   * @throws IOException if standard output is closed, so that a long command stops when its reader
   *     has gone
   */
  public void result(Object value, String text) throws IOException {
    line(json ? toJson(value) : text);
  }

  /**
   * Prints one result as a JSON line, for commands whose only form is JSON.
   *
   * @throws IOException if standard output is closed
   */
  public void json(Object value) throws IOException {
    line(toJson(value));
  }

  /**
   * Prints a piece of a text at once, without a line end: for text that people watch grow.
   *
   * @return whether standard output is still open
   */
  public boolean piece(String text) {
    PrintWriter out = spec().commandLine().getOut();
    out.print(text);
    return !out.checkError();
  }

  /** Standard error: for progress, warnings and everything that is not a result. */
  public PrintWriter notes() {
    return spec().commandLine().getErr();
  }

  /** The command line as it was typed, for a run's record. */
  public String typed() {
    List<String> words = spec().root().commandLine().getParseResult().originalArgs();
    return "kindred " + String.join(" ", words);
  }

  /** The exception for bad usage that picocli cannot see: one line, exit code 2. */
  public ParameterException badUsage(String message) {
    return new ParameterException(spec().commandLine(), message);
  }

  private void line(String text) throws IOException {
    PrintWriter out = spec().commandLine().getOut();
    out.println(text);
    if (out.checkError()) {
      throw new IOException("standard output is closed");
    }
  }

  private CommandSpec spec() {
    return Objects.requireNonNull(command, "Output works as a mixin of a command only");
  }

  private static String toJson(Object value) throws IOException {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IOException(value.getClass().getName() + " cannot be written as JSON", e);
    }
  }
}
