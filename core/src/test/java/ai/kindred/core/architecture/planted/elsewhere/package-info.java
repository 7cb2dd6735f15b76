/** Planted for the tests of the rules. */
@NullMarked
package ai.kindred.core.architecture.planted.elsewhere;

import org.jspecify.annotations.NullMarked;
