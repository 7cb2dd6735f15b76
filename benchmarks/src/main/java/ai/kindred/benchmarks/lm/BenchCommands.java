package ai.kindred.benchmarks.lm;

import ai.kindred.cli.CommandProvider;
import java.util.List;

/** Brings {@code bench} to the command line. */
public final class BenchCommands implements CommandProvider {

  @Override
  public List<Object> commands() {
    return List.of(new BenchCommand());
  }
}
