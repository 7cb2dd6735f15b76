package ai.kindred.benchmarks.lm;

import ai.kindred.benchmarks.adapters.BenchAdaptersCommand;
import ai.kindred.benchmarks.federated.BenchFederatedCommand;
import ai.kindred.benchmarks.reliability.BenchCodesCommand;
import ai.kindred.benchmarks.reliability.BenchProtectedCommand;
import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    description = "Measure workloads: lm, adapters, codes, protected, federated.",
    subcommands = {
      BenchLmCommand.class,
      BenchAdaptersCommand.class,
      BenchCodesCommand.class,
      BenchProtectedCommand.class,
      BenchFederatedCommand.class
    })
final class BenchCommand {}
