package ai.kindred.examples.finetune;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** Brings {@code finetune} to the command line. */
public final class FineTuneCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new FineTuneCommand());
  }
}
