package ai.kindred.examples.federated;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** Brings the commands {@code federate} and {@code epsilon}. */
public final class FederatedCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new FederateCommand(), new EpsilonCommand());
  }
}
