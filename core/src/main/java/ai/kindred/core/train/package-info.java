/**
 * Training, and what watches it: the loop tells {@link ai.kindred.core.train.Observer observers}
 * what happened as {@link ai.kindred.core.train.Event events}, and they answer whether to go on.
 * Ready observers (run record, progress, curve, early stop) are in {@code core.report}.
 */
@NullMarked
package ai.kindred.core.train;

import org.jspecify.annotations.NullMarked;
