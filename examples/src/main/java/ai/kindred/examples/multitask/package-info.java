/**
 * One model, many instruction tasks: what {@code finetune} and {@code adapters} share.
 *
 * <p>{@link ai.kindred.examples.multitask.TaskSuite} says which instances are trained on and which
 * held out, {@link ai.kindred.examples.multitask.Adaptation} trains adapters on some of its tasks,
 * {@link ai.kindred.examples.multitask.Answers} scores what a model answers.
 */
@NullMarked
package ai.kindred.examples.multitask;

import org.jspecify.annotations.NullMarked;
