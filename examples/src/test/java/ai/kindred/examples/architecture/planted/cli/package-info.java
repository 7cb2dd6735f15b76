/** Planted for the tests of the rules. */
@NullMarked
package ai.kindred.examples.architecture.planted.cli;

import org.jspecify.annotations.NullMarked;
