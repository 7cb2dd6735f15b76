package ai.kindred.examples.pretrain;

import ai.kindred.core.data.world.Film;
import ai.kindred.core.data.world.Phrasebook;
import ai.kindred.core.data.world.Phrasebook.Detail;
import ai.kindred.core.data.world.Question;
import ai.kindred.core.data.world.Questions;
import ai.kindred.core.data.world.Rating;
import ai.kindred.core.data.world.User;
import ai.kindred.core.data.world.World;
import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Documents about the made world. */
final class WorldDocuments {

  private final World world;
  private final Questions questions;
  private final Phrasebook phrases;

  WorldDocuments(World world) {
    this.world = world;
    this.questions = new Questions(world);
    this.phrases = new Phrasebook(world);
  }

  String facts(Key key, SplittableRandom random) {
    List<String> parts = new ArrayList<>();
    int films = 1 + random.nextInt(3);
    for (int i = 0; i < films; i++) {
      parts.add(phrases.facts(film(random), key.fold(i)));
    }
    return String.join("\n\n", parts);
  }

  String filmQuestions(Key key, SplittableRandom random) {
    List<String> parts = new ArrayList<>();
    int asked = 1 + random.nextInt(3);
    for (int i = 0; i < asked; i++) {
      Film film = film(random);
      Key own = key.fold(i);
      Question question =
          switch (random.nextInt(4)) {
            case 0 -> questions.filmGenre(film, own);
            case 1 -> questions.filmYear(film, own);
            case 2 -> questions.filmTheme(film, own);
            default -> questions.filmDirector(film, own);
          };
      // Half of the time the facts come first, so that reading is learnt beside remembering.
      String facts = random.nextBoolean() ? phrases.facts(film, own) + "\n\n" : "";
      parts.add(facts + answered(question));
    }
    return String.join("\n\n", parts);
  }

  String history(SplittableRandom random) {
    return "Ratings:\n" + ratings(user(random), random);
  }

  String summary(Key key, SplittableRandom random) {
    User user = user(random);
    return "Ratings:\n"
        + ratings(user, random)
        + "\n\nSummary: "
        + phrases.summary(user.taste(), key);
  }

  String userQuestions(Key key, SplittableRandom random) {
    User user = user(random);
    List<String> parts = new ArrayList<>();
    int context = random.nextInt(10);
    if (context < 4) {
      parts.add("Ratings:\n" + ratings(user, random));
    }
    if (context >= 3) {
      parts.add("Summary: " + phrases.summary(user.taste(), key));
    }
    addQuestions(parts, user, key, random);
    return String.join("\n\n", parts);
  }

  String longHistory(Key key, SplittableRandom random) {
    User user = user(random);
    List<String> parts = new ArrayList<>();
    int events = 30 + random.nextInt(user.history().size() - 29);
    Detail detail = random.nextInt(4) == 0 ? Detail.TITLE : Detail.FACTS;
    parts.add("Ratings:\n" + latest(user, events, detail));
    parts.add("Summary: " + phrases.summary(user.taste(), key));
    addQuestions(parts, user, key, random);
    return String.join("\n\n", parts);
  }

  private void addQuestions(List<String> parts, User user, Key key, SplittableRandom random) {
    List<Question> asked =
        new ArrayList<>(
            List.of(
                questions.nextFavorite(user, key),
                questions.nextGenre(user, key),
                questions.nextRating(user, key)));
    Collections.rotate(asked, random.nextInt(3));
    int most = 1 + random.nextInt(3);
    asked.subList(0, most).forEach(question -> parts.add(answered(question)));
  }

  private String answered(Question question) {
    return "Question: "
        + phrases.question(question)
        + "\nAnswer: "
        + phrases.answer(question)
        + ". "
        + phrases.option(question, question.answer());
  }

  /** The latest ratings of the history: mostly 4 to 15, else 16 to 50. */
  private String ratings(User user, SplittableRandom random) {
    int events = random.nextInt(6) == 0 ? 16 + random.nextInt(35) : 4 + random.nextInt(12);
    Detail detail = random.nextInt(4) == 0 ? Detail.TITLE : Detail.FACTS;
    return latest(user, events, detail);
  }

  private String latest(User user, int events, Detail detail) {
    List<Rating> history = user.history();
    return phrases.history(history.subList(history.size() - events, history.size()), detail);
  }

  private User user(SplittableRandom random) {
    return world.user(random.nextLong(PretrainingText.USERS));
  }

  private Film film(SplittableRandom random) {
    return world.film(random.nextInt(world.films().size()));
  }
}
