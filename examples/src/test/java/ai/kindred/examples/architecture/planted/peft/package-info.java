/** Planted for the tests of the rules. */
@NullMarked
package ai.kindred.examples.architecture.planted.peft;

import org.jspecify.annotations.NullMarked;
