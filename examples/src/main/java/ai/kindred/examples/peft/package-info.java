/**
 * Lessons on adapting a language model, to be read from top to bottom: {@link
 * ai.kindred.examples.peft.LoraLesson} first, then {@link
 * ai.kindred.examples.peft.MixtureOfDyadicExpertsLesson}.
 */
@NullMarked
package ai.kindred.examples.peft;

import org.jspecify.annotations.NullMarked;
