package ai.kindred.examples.pretrain;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** The command that trains the tiny model. */
public final class PretrainCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new PretrainCommand());
  }
}
