package ai.kindred.benchmarks.lm;

import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    description = "Measure workloads: lm.",
    subcommands = {BenchLmCommand.class})
final class BenchCommand {}
