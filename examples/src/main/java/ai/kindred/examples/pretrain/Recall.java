package ai.kindred.examples.pretrain;

import ai.kindred.core.data.world.Film;
import ai.kindred.core.data.world.Genre;
import ai.kindred.core.data.world.Theme;
import ai.kindred.core.data.world.World;
import ai.kindred.examples.pretrain.Document.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Lists of pairs that come again in another order, or the other way round, and lists of words that
 * come again as they were: every second word can be looked up and none can be guessed. Heads that
 * find and copy form early on such text (Olsson et al., 2022, arXiv:2209.11895, call them induction
 * heads), and answers to questions with options are built on them.
 */
final class Recall {

  private final World world;

  Recall(World world) {
    this.world = world;
  }

  private record Pair(String left, String right) {}

  /** How a pair is written: what stands before, between and after its sides. */
  private record Form(String before, String between, String after) {

    void say(Draft draft, String left, String right, boolean again) {
      draft.say(before + left + between);
      draft.answer(right, again ? Draft.RECALLED : 1);
      draft.say(after);
    }
  }

  private static final List<Form> FORMS =
      List.of(
          new Form("\n", ":", ""),
          new Form("\n", ".", ""),
          new Form("\n", " =", ""),
          new Form(" The word for ", " is", "."),
          new Form(" ", " and", ","),
          new Form("\nQuestion: ", "\nAnswer:", ""));

  void add(Draft draft, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      words(draft, random);
      return;
    }
    List<Pair> pairs = pairs(random, 3 + random.nextInt(6));
    Form form = form(random);
    Form later = random.nextBoolean() ? form : form(random);
    draft.say("List:");
    pairs.forEach(pair -> form.say(draft, pair.left(), pair.right(), false));
    boolean reversed = random.nextBoolean();
    draft.paragraph().say(reversed ? "Reversed:" : "Again:");
    for (Pair pair : Lexicon.shuffled(random, pairs)) {
      if (reversed) {
        later.say(draft, pair.right(), pair.left(), true);
      } else {
        later.say(draft, pair.left(), pair.right(), true);
      }
    }
  }

  private static Form form(SplittableRandom random) {
    return FORMS.get(random.nextInt(FORMS.size()));
  }

  private static void words(Draft draft, SplittableRandom random) {
    List<String> words = new ArrayList<>();
    int size = 5 + random.nextInt(12);
    for (int i = 0; i < size; i++) {
      words.add(random.nextBoolean() ? Lexicon.word(random) : Lexicon.noun(random));
    }
    String text = String.join(random.nextBoolean() ? " " : ", ", words);
    draft.say("Words:").answer(text, 1).say("\nAgain:").answer(text, Draft.RECALLED);
  }

  /** Different left sides and different right sides. */
  private List<Pair> pairs(SplittableRandom random, int size) {
    int lefts = random.nextInt(4);
    int rights = 1 + random.nextInt(5);
    List<Pair> pairs = new ArrayList<>();
    while (pairs.size() < size) {
      // Letters stand before options; there are enough for the longest list.
      String left = lefts == 0 ? String.valueOf((char) ('A' + pairs.size())) : side(random, lefts);
      String right = side(random, rights);
      if (pairs.stream().noneMatch(p -> p.left().equals(left) || p.right().equals(right))) {
        pairs.add(new Pair(left, right));
      }
    }
    return pairs;
  }

  private String side(SplittableRandom random, int kind) {
    Film film = world.film(random.nextInt(world.films().size()));
    return switch (kind) {
      case 1 -> Lexicon.noun(random);
      case 2 -> film.title();
      case 3 -> random.nextBoolean() ? Lexicon.word(random) : Lexicon.any(random, Lexicon.NAMES);
      case 4 -> film.director();
      default ->
          random.nextBoolean()
              ? Genre.at(random.nextInt(Genre.values().length)).label()
              : Theme.at(random.nextInt(Theme.values().length)).label();
    };
  }
}
