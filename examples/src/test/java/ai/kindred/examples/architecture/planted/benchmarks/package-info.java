/** Planted for the tests of the rules. */
@NullMarked
package ai.kindred.examples.architecture.planted.benchmarks;

import org.jspecify.annotations.NullMarked;
