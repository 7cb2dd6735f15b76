/**
 * Language models in the Hugging Face form: a folder with {@code config.json}, a tokenizer, a chat
 * template and weights.
 *
 * <ul>
 *   <li>{@link ai.kindred.core.lm.ModelConfig} is the architecture: read from {@code config.json}
 *       or from GGUF metadata ({@link ai.kindred.core.lm.GgufLlama}), written back as {@code
 *       config.json}.
 *   <li>{@link ai.kindred.core.lm.Tokenizer} turns text to ids and back, as transformers does;
 *       {@link ai.kindred.core.lm.StreamDecoder} gives text as ids arrive. It reads {@code
 *       tokenizer.json}, or llama2.c's format ({@link ai.kindred.core.lm.Llama2Tokenizer}).
 *   <li>{@link ai.kindred.core.lm.ChatTemplate} writes a conversation as the model knows it.
 *   <li>{@link ai.kindred.core.lm.LanguageModelObjective} is what a model is trained by, from
 *       {@link ai.kindred.core.lm.LanguageModel#initialised random weights} or with adapters.
 *   <li>{@link ai.kindred.core.lm.BpeTrainer} learns a byte-level tokenizer from text and {@link
 *       ai.kindred.core.lm.ByteLevelBpe} writes it as the files of a Hugging Face folder.
 * </ul>
 *
 * <p>Whatever comes from a file may be wrong or hostile. Every reader here is bounded in size and
 * answers with a {@link ai.kindred.core.lm.ModelFormatException} that names the file, the field,
 * its value and what would be right.
 */
@NullMarked
package ai.kindred.core.lm;

import org.jspecify.annotations.NullMarked;
