/**
 * Commands over language models: {@code generate} writes, {@code score} measures how likely given
 * tokens are, {@code tokens} shows how a text is cut. {@link ai.kindred.examples.lm.ChatLesson} is
 * the same as a program to read first.
 */
@NullMarked
package ai.kindred.examples.lm;

import org.jspecify.annotations.NullMarked;
