/** Planted for the tests of the rules. */
@NullMarked
package ai.kindred.core.architecture.planted.kernel;

import org.jspecify.annotations.NullMarked;
