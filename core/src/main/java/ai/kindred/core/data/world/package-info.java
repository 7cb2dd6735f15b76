/**
 * The made user world: generated films and users whose tastes are known.
 *
 * <p>Real histories never tell what a user "really" likes; these do. Every user is drawn from a
 * small latent {@link ai.kindred.core.data.world.Taste}, so the best summary of a user, the best
 * predictor and the effect of a wrong or empty summary are all known before a model is trained.
 *
 * <ul>
 *   <li>{@link ai.kindred.core.data.world.World} makes films and users: pure functions of a key, a
 *       config and an index, so a million users need no storage.
 *   <li>{@link ai.kindred.core.data.world.Questions} asks four-way questions about a user's future
 *       and about films, as symbols.
 *   <li>{@link ai.kindred.core.data.world.Phrasebook} turns films, histories, tastes and questions
 *       into English.
 *   <li>{@link ai.kindred.core.data.world.TasteReader} answers from the latent taste: a reference
 *       that any model reading a summary can be held against.
 * </ul>
 *
 * <p>A history and the future after it share only the taste, which films were already seen and the
 * clock: the history does not depend on the future's length or content.
 */
@NullMarked
package ai.kindred.core.data.world;

import org.jspecify.annotations.NullMarked;
