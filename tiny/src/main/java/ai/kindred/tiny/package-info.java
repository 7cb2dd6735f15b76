/**
 * A small language model as a jar: {@link ai.kindred.tiny.KindredTiny#folder} gives the folder that
 * {@code LanguageModel.load} reads. It depends on nothing, so any test can depend on it.
 */
@NullMarked
package ai.kindred.tiny;

import org.jspecify.annotations.NullMarked;
