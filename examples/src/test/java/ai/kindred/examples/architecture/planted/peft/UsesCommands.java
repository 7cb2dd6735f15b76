package ai.kindred.examples.architecture.planted.peft;

import ai.kindred.examples.architecture.planted.cli.UsesLeaf;

/** Offends: a method module that uses the command line. */
public class UsesCommands extends UsesLeaf {}
