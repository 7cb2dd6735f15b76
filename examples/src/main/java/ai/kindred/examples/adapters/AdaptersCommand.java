package ai.kindred.examples.adapters;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Groups the experiments on adapters. */
@Command(
    name = "adapters",
    description = {
      "Experiments: rates, compare, expert-rank, fixed-budget, ..",
      "Each trains adapters of several kinds on the same tasks, writes a line a training, so that"
          + " --resume goes on where a run was ended, and makes tables and a page from them."
    },
    subcommands = {
      AdaptersCommand.RatesCommand.class,
      AdaptersCommand.CompareCommand.class,
      AdaptersCommand.ExpertRankCommand.class,
      AdaptersCommand.FixedBudgetCommand.class,
      AdaptersCommand.RedundancyCommand.class,
      AdaptersCommand.RoutersCommand.class
    })
final class AdaptersCommand {

  private static final List<Long> THREE_SEEDS = List.of(0L, 1L, 2L);

  @Command(
      name = "rates",
      description = {
        "The learning rate that each kind of adapter is best trained at.",
        "One training of each kind at each rate, judged by the loss on instances kept for choosing"
            + " settings; the other experiments take what is found by --rates."
      })
  static final class RatesCommand extends ExperimentCommand {

    @Option(
        names = "--tried",
        split = ",",
        paramLabel = "X",
        description = "Learning rates (default: ${DEFAULT-VALUE}).")
    private List<Double> tried = List.of(2e-3, 5e-3, 1e-2, 2e-2);

    RatesCommand() {
      super(100, 0, List.of(18), List.of(100L));
    }

    @Override
    Experiment experiment() {
      return new Rates(tried);
    }
  }

  @Command(
      name = "compare",
      description = {
        "LoRA, MoLORA, MoLORA-SD and MoDE at equal added parameters.",
        "Scores, paired tests and win rates over tasks, for each budget."
      })
  static final class CompareCommand extends ExperimentCommand {

    CompareCommand() {
      super(100, 0, List.of(9, 18, 36), THREE_SEEDS);
    }

    @Override
    Experiment experiment() {
      return new Compare();
    }
  }

  @Command(
      name = "expert-rank",
      description = {
        "MoDE with experts of rank 1 to r.",
        "p is varied alone, at --shapes, and at equal parameters, at --budgets and --ranks."
      })
  static final class ExpertRankCommand extends ExperimentCommand {

    @Option(
        names = "--shapes",
        split = ",",
        paramLabel = "MxR",
        description = "Experts and rank where p is varied alone (default: ${DEFAULT-VALUE}).")
    private List<String> shapes = List.of("4x8", "8x4");

    @Option(
        names = "--ranks",
        split = ",",
        paramLabel = "R",
        description = "Ranks of the shapes at equal parameters (default: ${DEFAULT-VALUE}).")
    private List<Integer> ranks = List.of(4, 8);

    ExpertRankCommand() {
      super(100, 0, List.of(36), List.of(0L, 1L));
    }

    @Override
    Experiment experiment() {
      return new ExpertRank(shapes.stream().map(ExpertRank.Sizes::parse).toList(), ranks);
    }
  }

  @Command(
      name = "fixed-budget",
      description = {
        "One small LoRA a task against adapters that all tasks share.",
        "All have the same parameters in all; --budgets is not used."
      })
  static final class FixedBudgetCommand extends ExperimentCommand {

    @Option(
        names = "--rank",
        paramLabel = "R",
        description = "Rank of a task's own LoRA (default: ${DEFAULT-VALUE}).")
    private int rank = 4;

    FixedBudgetCommand() {
      super(240, 8, List.of(1), List.of(0L, 1L));
    }

    @Override
    Experiment experiment() {
      return new FixedBudget(rank);
    }
  }

  @Command(
      name = "redundancy",
      description = {
        "Whether LoRAs of different tasks learn the same down-projection.",
        "One LoRA a task, all from the same first values and each from its own; --budgets is not"
            + " used."
      })
  static final class RedundancyCommand extends ExperimentCommand {

    @Option(
        names = "--rank",
        paramLabel = "R",
        description = "Rank of the LoRAs (default: ${DEFAULT-VALUE}).")
    private int rank = 4;

    RedundancyCommand() {
      super(60, 8, List.of(1), List.of(0L));
      adapting("q_proj", "k_proj", "v_proj", "o_proj");
    }

    @Override
    Experiment experiment() {
      return new Redundancy(rank);
    }
  }

  @Command(
      name = "routers",
      description = {
        "What routers of trained mixtures do.",
        "Entropy, use of experts by task, and alarms, for each budget."
      })
  static final class RoutersCommand extends ExperimentCommand {

    RoutersCommand() {
      super(100, 0, List.of(18), List.of(0L));
    }

    @Override
    Experiment experiment() {
      return new Routers();
    }
  }
}
