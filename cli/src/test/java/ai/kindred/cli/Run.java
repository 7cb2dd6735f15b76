package ai.kindred.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** One run of the program in this JVM: what it printed and returned. */
record Run(int code, String out, String err) {

  static Run of(String... args) {
    return of(List.of(new CoreCommands()), args);
  }

  static Run of(List<CommandProvider> providers, String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Kindred.run(providers, new PrintWriter(out, true), new PrintWriter(err, true), args);
    return new Run(code, out.toString(), err.toString());
  }
}
