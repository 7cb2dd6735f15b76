package ai.kindred.cli;

import ai.kindred.core.config.Names;
import ai.kindred.core.train.TrainingInterruptedException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code kindred}: finds commands, runs one, and turns failures into exit codes. */
@Command(
    name = "kindred",
    description = "Research on personal language models.",
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {"", "'kindred COMMAND --help' explains a command."},
    versionProvider = Kindred.Version.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT)
public final class Kindred implements Runnable {

  static final int FAILURE = CommandLine.ExitCode.SOFTWARE;
  static final int BAD_USAGE = CommandLine.ExitCode.USAGE;
  static final int INTERRUPTED = 130;
  private static final int WIDTH = 80;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--stacktrace",
      description = "Print a failure's stack trace too.",
      scope = ScopeType.INHERIT)
  private boolean stacktrace;

  private final BooleanSupplier interrupted;

  private Kindred(BooleanSupplier interrupted) {
    this.interrupted = interrupted;
  }

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    PrintWriter out = utf8(FileDescriptor.out);
    PrintWriter err = utf8(FileDescriptor.err);
    Interrupt interrupt = Interrupt.install();
    int code;
    try {
      code = run(load(), out, err, interrupt::requested, args);
    } catch (ServiceConfigurationError | IllegalStateException e) {
      err.println("kindred: " + e.getMessage());
      code = FAILURE;
    } finally {
      out.flush();
      err.flush();
      interrupt.finished();
    }
    System.exit(code);
  }

  /**
   * Runs one command of the given providers in this thread.
   *
   * @return the exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted
   * @throws IllegalStateException if two commands have one name or a description does not fit
   */
  public static int run(
      List<CommandProvider> providers, PrintWriter out, PrintWriter err, String... args) {
    return run(providers, out, err, () -> false, args);
  }

  private static int run(
      List<CommandProvider> providers,
      PrintWriter out,
      PrintWriter err,
      BooleanSupplier interrupted,
      String... args) {
    Kindred kindred = new Kindred(interrupted);
    CommandLine line = new CommandLine(kindred);
    commands(providers).forEach(line::addSubcommand);
    line.setOut(out)
        .setErr(err)
        .setUsageHelpWidth(WIDTH)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Kindred::explainUsage)
        .setExecutionExceptionHandler((e, command, parsed) -> kindred.explain(e, err));
    try {
      return line.execute(args);
    } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
      return kindred.explain(e, err);
    }
  }

  /** Without a command there is nothing to do: the usage, as an error. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  private int explain(Throwable failure, PrintWriter err) {
    if (interrupted.getAsBoolean() || failure instanceof InterruptedException) {
      // What stopped in order says what it kept.
      boolean told = failure instanceof TrainingInterruptedException;
      err.println("kindred: " + (told ? failure.getMessage() : "interrupted"));
      return INTERRUPTED;
    }
    err.println("kindred: " + ErrorMessage.of(failure));
    if (stacktrace) {
      failure.printStackTrace(err);
    }
    return FAILURE;
  }

  private static int explainUsage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    PrintWriter err = command.getErr();
    err.println(name + ": " + usageMessage(e, command));
    if (command.getParent() == null && args.length == 0) {
      err.println();
      command.usage(err);
    } else {
      err.println("'" + name + " --help' shows what is possible.");
    }
    return BAD_USAGE;
  }

  private static String usageMessage(ParameterException e, CommandLine command) {
    if (!(e instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return String.valueOf(e.getMessage());
    }
    String word = unmatched.getUnmatched().get(0);
    boolean option = unmatched.isUnknownOption();
    boolean isCommand = !option && command.getParent() == null;
    List<String> known =
        option
            ? command.getCommandSpec().optionsMap().keySet().stream().sorted().toList()
            : isCommand ? List.copyOf(command.getSubcommands().keySet()) : List.of();
    String what = option ? "no option '" : isCommand ? "no command '" : "one argument too many: '";
    return what + word + "'" + Names.didYouMean(word, known);
  }

  /** Commands by name, sorted; each with a one-line description that fits the list. */
  private static Map<String, CommandLine> commands(List<CommandProvider> providers) {
    Map<String, CommandLine> commands = new TreeMap<>();
    for (CommandProvider provider : providers) {
      for (Object command : provider.commands()) {
        CommandLine line = new CommandLine(command);
        String name = line.getCommandName();
        CommandLine other = commands.put(name, line);
        if (other != null) {
          throw new IllegalStateException(
              "two commands are called %s: %s and %s"
                  .formatted(name, other.getCommand().getClass(), command.getClass()));
        }
      }
    }
    int indent = commands.keySet().stream().mapToInt(String::length).max().orElse(0) + 4;
    commands.forEach((name, line) -> requireFits(name, line, WIDTH - indent));
    return commands;
  }

  private static void requireFits(String name, CommandLine line, int width) {
    String[] description = line.getCommandSpec().usageMessage().description();
    int length = description.length == 0 ? 0 : description[0].length();
    if (length == 0 || length >= width) {
      throw new IllegalStateException(
          "command %s needs a description whose first line has 1 to %d characters, not %d"
              .formatted(name, width - 1, length));
    }
  }

  private static List<CommandProvider> load() {
    return ServiceLoader.load(CommandProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  /** UTF-8 whatever the locale says, so that piped results are the same bytes everywhere. */
  private static PrintWriter utf8(FileDescriptor descriptor) {
    return new PrintWriter(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** Versions as the build wrote them. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
      Properties versions = new Properties();
      try (InputStream in = Kindred.class.getResourceAsStream("version.properties")) {
        if (in == null) {
          throw new IOException("version.properties is missing beside " + Kindred.class.getName());
        }
        versions.load(in);
      }
      return new String[] {
        "kindred " + versions.getProperty("kindred"),
        "DJL %s, libtorch %s, Java %s on %s %s"
            .formatted(
                versions.getProperty("djl"),
                versions.getProperty("libtorch"),
                System.getProperty("java.version"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"))
      };
    }
  }
}
