/**
 * Experiments on adapters, each a command with a record and a page: {@code adapters compare},
 * {@code expert-rank}, {@code fixed-budget}, {@code redundancy}, {@code routers}.
 *
 * <p>An {@link ai.kindred.examples.adapters.Experiment} is a plan, a list of trials, and what is
 * made of their results. {@link ai.kindred.examples.adapters.Laboratory} runs any plan: a trial
 * trains an adapter on some tasks and answers held-out instances, and its result is one line of
 * {@code trials.jsonl}, so that a killed experiment goes on with the trial it was at. Tables and
 * plots are made from those lines.
 */
@NullMarked
package ai.kindred.examples.adapters;

import org.jspecify.annotations.NullMarked;
