/**
 * Work on many keyed items at once, with results that never depend on how many threads did it.
 *
 * <p>{@link ai.kindred.core.workers.Workers#map} keeps every result; {@link
 * ai.kindred.core.workers.Workers#mapFold} merges results as they come, so a round over a thousand
 * clients holds a handful of models. {@link ai.kindred.core.workers.ThreadWorkers} runs on this
 * machine. An implementation for several machines sends the task and the merge elsewhere, which is
 * why both are serialisable, and folds what comes back with {@link
 * ai.kindred.core.workers.TreeFold}, the one tree that fixes the order of every floating-point sum.
 */
@NullMarked
package ai.kindred.core.workers;

import org.jspecify.annotations.NullMarked;
