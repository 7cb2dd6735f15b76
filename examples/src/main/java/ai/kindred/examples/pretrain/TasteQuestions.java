package ai.kindred.examples.pretrain;

import ai.kindred.core.data.world.Genre;
import ai.kindred.core.data.world.Taste;
import ai.kindred.core.data.world.Theme;
import ai.kindred.core.data.world.World;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Questions that a summary of a taste answers word by word. The future is noisy, and what is behind
 * it must be read first: these teach to tell the loved genre from the disliked one.
 */
final class TasteQuestions {

  private static final int DIRECTORS = 8;

  private final World world;

  TasteQuestions(World world) {
    this.world = world;
  }

  Choice ask(Taste taste, SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> genre("Which genre does the user like most?", taste.favorite(), taste);
      case 1 -> genre("Which genre does the user like second?", taste.second(), taste);
      case 2 -> genre("Which genre does the user dislike?", taste.disliked(), taste);
      case 3 ->
          new Choice(
              "Which theme does the user like?",
              taste.theme().label(),
              Arrays.stream(Theme.values()).map(Theme::label).toList());
      default ->
          new Choice("Who is the user's favorite director?", taste.director(), directors(random));
    };
  }

  /** Some wrong options are the taste's other genres: only a careful reader avoids them. */
  private static Choice genre(String question, Genre right, Taste taste) {
    List<String> others = new ArrayList<>();
    for (Genre genre : Genre.values()) {
      others.add(genre.label());
    }
    for (int i = 0; i < 3; i++) {
      others.addAll(
          List.of(taste.favorite().label(), taste.second().label(), taste.disliked().label()));
    }
    return new Choice(question, right.label(), others);
  }

  private List<String> directors(SplittableRandom random) {
    List<String> names = new ArrayList<>();
    while (names.size() < DIRECTORS) {
      String name = world.film(random.nextInt(world.films().size())).director();
      if (!names.contains(name)) {
        names.add(name);
      }
    }
    return names;
  }
}
