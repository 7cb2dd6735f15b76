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
import ai.kindred.examples.pretrain.Document.Draft;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Documents about the made world. Whatever is shown is asked about several times, with options and
 * without: looking an answer up is learnt from many answers, not from much text. Answers are the
 * words of an option, not its letter: words are found and copied, while what a letter stands for
 * was not learnt in a run of this length.
 */
final class WorldDocuments {

  private static final int WINDOW = 8;

  private final World world;
  private final Questions questions;
  private final Phrasebook phrases;
  private final TasteQuestions tastes;

  WorldDocuments(World world) {
    this.world = world;
    this.questions = new Questions(world);
    this.phrases = new Phrasebook(world);
    this.tastes = new TasteQuestions(world);
  }

  void facts(Draft draft, Key key, SplittableRandom random) {
    int films = 1 + random.nextInt(3);
    for (int i = 0; i < films; i++) {
      draft.paragraph().say(phrases.facts(film(random), key.fold(i)));
    }
  }

  /** Every second time the facts come first: reading is learnt beside remembering. */
  void filmQuestions(Draft draft, Key key, SplittableRandom random) {
    List<Film> shown = new ArrayList<>();
    if (random.nextBoolean()) {
      int films = random.nextInt(3) > 0 ? 1 : 2 + random.nextInt(2);
      for (int i = 0; i < films; i++) {
        shown.add(film(random));
        draft.paragraph().say(phrases.facts(shown.get(i), key.fold(i)));
      }
    }
    int first = random.nextInt(4);
    int asked = shown.isEmpty() ? 6 + random.nextInt(3) : 3 + random.nextInt(2);
    for (int i = 0; i < asked; i++) {
      Film film = shown.isEmpty() ? film(random) : shown.get(random.nextInt(shown.size()));
      Key own = key.fold(i);
      Question question =
          switch ((first + i) % 4) {
            case 0 -> questions.filmGenre(film, own);
            case 1 -> questions.filmYear(film, own);
            case 2 -> questions.filmTheme(film, own);
            default -> questions.filmDirector(film, own);
          };
      // From memory mostly without options, which take more words than the question.
      answered(draft, question, random.nextInt(shown.isEmpty() ? 4 : 2) == 0);
    }
  }

  /** Ratings alone, or foretold by a summary: then the stars are answers. */
  void history(Draft draft, Key key, SplittableRandom random) {
    User user = user(random);
    if (random.nextBoolean()) {
      draft.say("Ratings:\n" + ratings(user, random));
      return;
    }
    draft.say("Summary: " + phrases.summary(user.taste(), key)).paragraph().say("Ratings:");
    List<Rating> last = new ArrayList<>(latest(user, WINDOW));
    last.addAll(user.future());
    for (Rating rating : last.subList(0, 6 + random.nextInt(last.size() - 5))) {
      String line = phrases.history(List.of(rating), Detail.FACTS);
      int stars = line.lastIndexOf(": ") + 1;
      draft.say("\n" + line.substring(0, stars));
      draft.answer(line.substring(stars + 1), Draft.ANSWER);
    }
  }

  void summary(Draft draft, Key key, SplittableRandom random) {
    User user = user(random);
    draft.say("Ratings:\n" + ratings(user, random)).paragraph();
    draft.say("Summary:").answer(phrases.summary(user.taste(), key), Draft.SUMMARY);
  }

  /** Mostly after a summary: ratings take many tokens and tell less. */
  void userQuestions(Draft draft, Key key, SplittableRandom random) {
    User user = user(random);
    int context = random.nextInt(10);
    if (context < 3) {
      draft.say("Ratings:\n" + ratings(user, random));
    }
    if (context > 0) {
      draft.paragraph().say("Summary: " + phrases.summary(user.taste(), key));
    }
    if (context < 3) {
      addQuestions(draft, user, key, random);
      return;
    }
    int asked = 1 + random.nextInt(3);
    for (int i = 0; i < asked; i++) {
      tastes.ask(user.taste(), random).add(draft, random);
    }
    // Parts of the history are as good a future as the true one, as long as they are not shown.
    List<User> cuts = new ArrayList<>(List.of(user));
    for (int from = user.history().size() - 2 * WINDOW;
        from >= 0 && from < user.history().size();
        from += WINDOW) {
      cuts.add(
          new User(
              user.index(),
              user.taste(),
              user.history().subList(0, from),
              user.history().subList(from, from + WINDOW)));
    }
    for (User cut : Lexicon.shuffled(random, cuts).subList(0, 2)) {
      Key own = key.fold(cut.history().size());
      // An answer gives hints for others about the same events: one alone but for ratings.
      switch (random.nextInt(3)) {
        case 0 -> answered(draft, questions.nextFavorite(cut, own), true);
        case 1 -> answered(draft, questions.nextGenre(cut, own), random.nextBoolean());
        default -> {
          answered(draft, questions.nextRating(cut, own), random.nextBoolean());
          answered(draft, questions.nextRating(cut, own.fold("again")), random.nextBoolean());
        }
      }
    }
  }

  void longHistory(Draft draft, Key key, SplittableRandom random) {
    User user = user(random);
    int events = 30 + random.nextInt(user.history().size() - 29);
    Detail detail = random.nextInt(4) == 0 ? Detail.TITLE : Detail.FACTS;
    draft.say("Ratings:\n" + phrases.history(latest(user, events), detail));
    draft.paragraph().say("Summary:").answer(phrases.summary(user.taste(), key), Draft.SUMMARY);
    addQuestions(draft, user, key, random);
  }

  private void addQuestions(Draft draft, User user, Key key, SplittableRandom random) {
    List<Question> asked =
        Lexicon.shuffled(
            random,
            List.of(
                questions.nextFavorite(user, key),
                questions.nextGenre(user, key),
                questions.nextRating(user, key)));
    int most = 1 + random.nextInt(3);
    asked.subList(0, most).forEach(question -> answered(draft, question, true));
  }

  private void answered(Draft draft, Question question, boolean options) {
    String text = phrases.question(question);
    String asked = options ? text : text.substring(0, text.indexOf('\n'));
    draft.paragraph().say("Question: " + asked + "\nAnswer:");
    String answer = phrases.option(question, question.answer());
    // A film's title decides; what follows is copied.
    int decided = question.kind() == Question.Kind.NEXT_FAVORITE ? answer.indexOf(" (") : -1;
    if (decided < 0) {
      draft.answer(answer, Draft.ANSWER);
    } else {
      draft.answer(answer.substring(0, decided), Draft.ANSWER).say(answer.substring(decided));
    }
  }

  /** The latest ratings of the history: mostly 4 to 13, else 14 to 50. */
  private String ratings(User user, SplittableRandom random) {
    int events = random.nextInt(8) == 0 ? 14 + random.nextInt(37) : 4 + random.nextInt(10);
    Detail detail = random.nextInt(4) == 0 ? Detail.TITLE : Detail.FACTS;
    return phrases.history(latest(user, events), detail);
  }

  private static List<Rating> latest(User user, int events) {
    List<Rating> history = user.history();
    return history.subList(history.size() - events, history.size());
  }

  private User user(SplittableRandom random) {
    return world.user(random.nextLong(PretrainingText.USERS));
  }

  private Film film(SplittableRandom random) {
    return world.film(random.nextInt(world.films().size()));
  }
}
