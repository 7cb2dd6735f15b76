/** Tests of the rules that hold between modules. */
@NullMarked
package ai.kindred.examples.architecture;

import org.jspecify.annotations.NullMarked;
