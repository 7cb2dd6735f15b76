/**
 * The part of Jinja that chat templates are written in, as Hugging Face sets it up: block tags trim
 * the line end after them and the blanks before them, {@code break} and {@code continue} work, and
 * templates can change nothing but variables of their own.
 *
 * <p>{@link ai.kindred.core.lm.jinja.JinjaTemplate} is all there is to use. Templates come from
 * strangers, so an evaluator of our own that knows strings, numbers, lists and maps only, and
 * charges every step and every character made to a budget, takes the place of a general engine: no
 * Java class is within reach, and a template ends in bounded time and memory. What it does not know
 * is an error with the line, never a guess, because a prompt that is slightly wrong shows nowhere.
 */
@NullMarked
package ai.kindred.core.lm.jinja;

import org.jspecify.annotations.NullMarked;
