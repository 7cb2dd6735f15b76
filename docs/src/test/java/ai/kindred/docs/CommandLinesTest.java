package ai.kindred.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.cli.CommandProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Command lines on the pages name commands and options that exist; they are parsed, not run. */
class CommandLinesTest {

  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
  private static final Pattern KINDRED = Pattern.compile("(\\./)?kindred +(.*)");

  /** Lines of shell blocks, continued ones joined. */
  static Stream<String> lines() {
    return Page.all().stream()
        .flatMap(page -> page.blocks("sh").stream())
        .flatMap(block -> block.code().replace("\\\n", " ").lines())
        .filter(line -> KINDRED.matcher(line).matches());
  }

  /** Mentions in text, which may leave out what a command requires. */
  static Stream<String> mentions() {
    return Page.all().stream()
        .flatMap(page -> page.inlineCode().stream())
        .filter(code -> KINDRED.matcher(code).matches() && !code.endsWith(" COMMAND"));
  }

  private static void parse(String line) {
    CommandSpec root = CommandSpec.create().name("kindred").mixinStandardHelpOptions(true);
    CommandLine kindred = new CommandLine(root).setCaseInsensitiveEnumValuesAllowed(true);
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      for (Object command : provider.commands()) {
        CommandLine sub = new CommandLine(command);
        kindred.addSubcommand(sub.getCommandName(), sub);
      }
    }
    kindred.setCaseInsensitiveEnumValuesAllowed(true);
    kindred.parseArgs(words(line).toArray(String[]::new));
  }

  private static List<String> words(String line) {
    Matcher command = KINDRED.matcher(line.replaceFirst(" +#.*", ""));
    assertThat(command.matches()).isTrue();
    List<String> words = new ArrayList<>();
    Matcher m = WORD.matcher(command.group(2));
    while (m.find()) {
      words.add(m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : m.group(3));
    }
    return words;
  }

  @ParameterizedTest
  @MethodSource("lines")
  void parses(String line) {
    parse(line);
  }

  @ParameterizedTest
  @MethodSource("mentions")
  void exists(String mention) {
    try {
      parse(mention);
    } catch (CommandLine.MissingParameterException e) {
      assertThat(e.getMissing()).isNotEmpty();
    }
  }

  @Test
  void mistakesAreSeen() {
    parse("./kindred bench lm --model \"a b\" --dtype int8  # a note");
    assertThatThrownBy(() -> parse("./kindred finetune --stepz 3")).hasMessageContaining("--stepz");
    assertThatThrownBy(() -> parse("./kindred fine-tune")).hasMessageContaining("fine-tune");
    assertThatThrownBy(() -> parse("./kindred bench lm"))
        .isInstanceOf(CommandLine.MissingParameterException.class);
  }
}
