package ai.kindred.examples.architecture.planted.cli;

import ai.kindred.examples.architecture.planted.benchmarks.Benchmark;

/** Offends: uses a leaf. */
public class UsesLeaf extends Benchmark {}
