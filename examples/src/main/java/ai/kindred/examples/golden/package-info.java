/**
 * The command {@code golden}: runs what other implementations have computed and compares. A kind of
 * case is a {@link ai.kindred.examples.golden.GoldenCase}; {@link
 * ai.kindred.examples.golden.GoldenFolder} finds them by the names of files and folders.
 */
@NullMarked
package ai.kindred.examples.golden;

import org.jspecify.annotations.NullMarked;
