package ai.kindred.examples.reliability;

import ai.kindred.cli.CommandProvider;
import java.util.List;
import picocli.CommandLine.Command;

/** Brings the commands {@code protect}, {@code inject} and {@code reliability}. */
public final class ReliabilityCommands implements CommandProvider {

  @Command(
      name = "reliability",
      description = "Networks under memory errors: train, weights, campaign.",
      subcommands = {TrainCommand.class, WeightsCommand.class, CampaignCommand.class})
  static final class Group {}

  @Override
  public List<Object> commands() {
    return List.of(new ProtectCommand(), new InjectCommand(), new Group());
  }
}
