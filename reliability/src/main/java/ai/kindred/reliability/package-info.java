/**
 * Weights that outlast memory errors.
 *
 * <p>{@link ai.kindred.reliability.code} has the codes.
 */
@NullMarked
package ai.kindred.reliability;

import org.jspecify.annotations.NullMarked;
