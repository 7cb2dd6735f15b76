package ai.kindred.examples.architecture.planted.federated;

import ai.kindred.examples.architecture.planted.peft.UsesCommands;

/** Offends: a method module that uses another. */
final class UsesMethod extends UsesCommands {}
