/**
 * Text to pretrain a tiny model on, generated without end.
 *
 * <p>{@link ai.kindred.examples.pretrain.PretrainingText} is a keyed stream of documents: the made
 * user world in English, plain sentences, and small instructions in the form that the suites' tasks
 * have, about other things. {@link ai.kindred.examples.pretrain.ExcludedText} keeps held-out text
 * out. No film, rating or word list of any data set goes in.
 *
 * <p>{@code kindred pretrain} trains a model on it from nothing, the way the bundled model was.
 */
@NullMarked
package ai.kindred.examples.pretrain;

import org.jspecify.annotations.NullMarked;
