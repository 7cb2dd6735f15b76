package ai.kindred.examples.architecture.planted.core;

import ai.kindred.examples.architecture.planted.peft.UsesCommands;

/** Offends: core uses what stands on it. */
final class UsesMethodFromCore extends UsesCommands {}
