/**
 * Training: what to make small, how to step, and the loop around it.
 *
 * <p>Write an {@link ai.kindred.core.train.Objective} (the mean loss of a batch), say how in a
 * {@link ai.kindred.core.train.TrainingConfig} ({@link ai.kindred.core.train.Optimizer}, {@link
 * ai.kindred.core.train.Schedule}), give {@link ai.kindred.core.train.Batches} that depend on the
 * step alone, and run a {@link ai.kindred.core.train.Training}. It tells {@link
 * ai.kindred.core.train.Observer observers} what happened as {@link ai.kindred.core.train.Event
 * events}, and they answer whether to go on; ready ones (run record, progress, curve) are in {@code
 * core.report}. With a folder it saves checkpoints, and a run that ended in any way, a killed
 * process included, goes on from the newest to the same bits.
 *
 * <p>Methods with a loop of their own (rounds of clients, policy gradients) use {@link
 * ai.kindred.core.train.TrainingStep} or the optimisers, which are pure functions of tensors,
 * inside their kernels. {@link ai.kindred.core.train.Estimate} tells memory and time before a run
 * starts.
 *
 * <p>A loss or gradient that is not a number is never stepped on: training ends with a {@link
 * ai.kindred.core.train.TrainingException} that says what helps.
 */
@NullMarked
package ai.kindred.core.train;

import org.jspecify.annotations.NullMarked;
