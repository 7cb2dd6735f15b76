/**
 * Language models, their tokenizers and their folders.
 *
 * <p>{@link ai.kindred.core.lm.BpeTrainer} learns a byte-level tokenizer from text and {@link
 * ai.kindred.core.lm.ByteLevelBpe} writes it as the files of a Hugging Face folder.
 */
@NullMarked
package ai.kindred.core.lm;

import org.jspecify.annotations.NullMarked;
