package ai.kindred.examples.adapters;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** Brings {@code adapters} to the command line. */
public final class AdaptersCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new AdaptersCommand());
  }
}
