package ai.kindred.examples.golden;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** Brings the command {@code golden}. */
public final class GoldenCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new GoldenCommand());
  }
}
