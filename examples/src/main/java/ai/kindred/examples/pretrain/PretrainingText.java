package ai.kindred.examples.pretrain;

import ai.kindred.core.data.world.World;
import ai.kindred.core.data.world.WorldConfig;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.pretrain.Document.Draft;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * An endless stream of documents, each a pure function of the key and its number.
 *
 * <p>It tells of one made world, {@link #WORLD}, and of its users below {@value #USERS}: users from
 * there on are free for evaluation. A document in which excluded text occurs is drawn anew.
 */
public final class PretrainingText {

  /** The world that the tiny model is told about. */
  public static final World WORLD = World.of(Key.of(1).fold("pretraining world"), films());

  /** The same films, users with longer histories. */
  static final World LONG_WORLD =
      World.of(Key.of(1).fold("pretraining world"), films().withEvents(190, 10));

  /** Users from this number on are in no document. */
  public static final long USERS = 1_000_000;

  private static final int MOST_DRAWS = 1_000;

  private final Key key;
  private final ExcludedText excluded;
  private final WorldDocuments world = new WorldDocuments(WORLD);
  private final Recall recall = new Recall(WORLD);
  private final WorldDocuments longWorld = new WorldDocuments(LONG_WORLD);

  public PretrainingText(Key key, ExcludedText excluded) {
    this.key = key;
    this.excluded = excluded;
  }

  /**
   * The document of a number.
   *
   * @param index any non-negative number
   */
  public Document document(long index) {
    return drawn(index, key, this::draw);
  }

  private Document drawn(long index, Key key, Function<Key, Document> draw) {
    if (index < 0) {
      throw new IllegalArgumentException("Document index is " + index + ", not 0 or more");
    }
    for (int i = 0; i < MOST_DRAWS; i++) {
      Document document = draw.apply(key.fold(index).fold(i));
      if (excluded.find(document.text()).isEmpty()) {
        return document;
      }
    }
    throw new IllegalStateException(
        "Excluded text turned down " + MOST_DRAWS + " draws of document " + index);
  }

  /**
   * A document of about 700 to 4,300 tokens, beside the mix: 30 to 190 ratings of one user, a
   * summary, questions and answers. It tells of the same films.
   *
   * @param index any non-negative number
   */
  public Document longDocument(long index) {
    return drawn(index, key.fold("long"), this::longHistory);
  }

  /**
   * A list that comes again, beside the mix.
   *
   * @param index any non-negative number
   */
  Document list(long index) {
    return drawn(
        index,
        key.fold("lists"),
        own -> {
          Draft draft = new Draft();
          recall.add(draft, own.random());
          return draft.as(Document.Kind.RECALL);
        });
  }

  /** All documents from a number on. */
  public Stream<Document> documents(long from) {
    return LongStream.iterate(from, i -> i + 1).mapToObj(this::document);
  }

  private Document draw(Key key) {
    SplittableRandom random = key.random();
    Document.Kind kind = kind(random.nextInt(100));
    Draft draft = new Draft();
    switch (kind) {
      case FILM_FACTS -> world.facts(draft, key, random);
      case FILM_QUESTIONS -> world.filmQuestions(draft, key, random);
      case HISTORY -> world.history(draft, key, random);
      case SUMMARY -> world.summary(draft, key, random);
      case USER_QUESTIONS -> world.userQuestions(draft, key, random);
      case PLAIN -> draft.say(PlainSentences.text(random));
      case RECALL -> recall.add(draft, random);
      case READING -> ReadingQuestions.add(draft, random);
      case LONG_HISTORY -> throw new IllegalStateException("long histories have no share");
      case INSTRUCTION -> Instructions.add(draft, random);
    }
    return draft.as(kind);
  }

  private Document longHistory(Key key) {
    Draft draft = new Draft();
    longWorld.longHistory(draft, key, key.random());
    return draft.as(Document.Kind.LONG_HISTORY);
  }

  /** Few enough films for a small model to remember, and as many as long histories need. */
  private static WorldConfig films() {
    WorldConfig standard = WorldConfig.standard();
    return new WorldConfig(
        800,
        standard.directors(),
        standard.actors(),
        standard.history(),
        standard.future(),
        standard.drift(),
        standard.noise());
  }

  private static Document.Kind kind(int percentile) {
    int left = percentile;
    for (Document.Kind kind : Document.Kind.values()) {
      left -= kind.percent();
      if (left < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("The percentages of the kinds of document are not 100");
  }
}
