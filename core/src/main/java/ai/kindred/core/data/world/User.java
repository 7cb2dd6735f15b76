package ai.kindred.core.data.world;

import java.util.List;

/**
 * A made user: what a model may see (the history), what it must predict (the future) and what is
 * behind both (the taste).
 *
 * @param index the user's number, any non-negative long
 * @param taste the latent taste; not for models
 * @param history past ratings, oldest first
 * @param future ratings after the whole history, oldest first; not for models
 */
public record User(long index, Taste taste, List<Rating> history, List<Rating> future) {

  public User {
    history = List.copyOf(history);
    future = List.copyOf(future);
  }
}
