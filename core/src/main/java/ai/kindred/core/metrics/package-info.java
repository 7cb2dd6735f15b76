/**
 * How good is it, and how sure are we.
 *
 * <p><b>Text scores.</b> {@link ai.kindred.core.metrics.Rouge} compares a text with references by
 * shared words (ROUGE-1, 2, L, Lsum, as the Python package rouge-score computes them); {@link
 * ai.kindred.core.metrics.ExactMatch} asks whether two texts say the same words. Instruction tasks
 * are scored by stemmed ROUGE-L against the best reference, classification by exact match.
 *
 * <p><b>Certainty.</b> {@link ai.kindred.core.metrics.Bootstrap} gives an {@link
 * ai.kindred.core.metrics.Interval} around a mean or any other statistic; {@link
 * ai.kindred.core.metrics.PairedPermutation} tests whether a paired difference could be chance.
 * Both are keyed, so the same key gives the same figures; a handful of values, one a seed, take
 * {@link ai.kindred.core.metrics.StudentInterval} instead. Use the paired forms whenever two models
 * answered the same examples: they are far sharper than comparing two intervals by eye.
 *
 * <p><b>Tables.</b> {@link ai.kindred.core.metrics.TaskScores} and {@link
 * ai.kindred.core.metrics.TaskGains} turn scores per example into rows per task and overall rows;
 * {@link ai.kindred.core.metrics.Summary} describes one sample by mean and percentiles.
 */
@NullMarked
package ai.kindred.core.metrics;

import org.jspecify.annotations.NullMarked;
