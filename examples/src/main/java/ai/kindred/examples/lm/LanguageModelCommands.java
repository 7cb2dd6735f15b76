package ai.kindred.examples.lm;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** Brings the commands {@code generate}, {@code score} and {@code tokens}. */
public final class LanguageModelCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new GenerateCommand(), new ScoreCommand(), new TokensCommand());
  }
}
