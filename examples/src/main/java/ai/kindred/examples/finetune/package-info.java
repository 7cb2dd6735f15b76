/**
 * The main job: adapt a language model to many instruction tasks at once, and show what it gained.
 *
 * <p>{@link ai.kindred.examples.finetune.FineTuning} is the job as a program; the command only
 * reads options.
 */
@NullMarked
package ai.kindred.examples.finetune;

import org.jspecify.annotations.NullMarked;
