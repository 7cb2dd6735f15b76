package ai.kindred.cli;

import java.util.List;

/** The commands that need nothing but core. */
public final class CoreCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new ModelCommand(), new RougeCommand());
  }
}
