package ai.kindred.examples.pretrain;

import ai.kindred.core.data.world.World;
import ai.kindred.core.data.world.WorldConfig;
import ai.kindred.core.kernel.Key;
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
  public static final World WORLD =
      World.of(Key.of(1).fold("pretraining world"), WorldConfig.standard());

  /** The same films, users with longer histories. */
  static final World LONG_WORLD =
      World.of(Key.of(1).fold("pretraining world"), WorldConfig.standard().withEvents(240, 10));

  /** Users from this number on are in no document. */
  public static final long USERS = 1_000_000;

  private static final int MOST_DRAWS = 1_000;

  private final Key key;
  private final ExcludedText excluded;
  private final WorldDocuments world = new WorldDocuments(WORLD);
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
   * A document of about 500 to 5,000 tokens, beside the mix: 30 to 240 ratings of one user, a
   * summary, questions and answers. It tells of the same films.
   *
   * @param index any non-negative number
   */
  public Document longDocument(long index) {
    return drawn(index, key.fold("long"), this::longHistory);
  }

  /** All documents from a number on. */
  public Stream<Document> documents(long from) {
    return LongStream.iterate(from, i -> i + 1).mapToObj(this::document);
  }

  private Document draw(Key key) {
    SplittableRandom random = key.random();
    Document.Kind kind = kind(random.nextInt(100));
    return new Document(
        kind,
        switch (kind) {
          case FILM_FACTS -> world.facts(key, random);
          case FILM_QUESTIONS -> world.filmQuestions(key, random);
          case HISTORY -> world.history(random);
          case SUMMARY -> world.summary(key, random);
          case USER_QUESTIONS -> world.userQuestions(key, random);
          case PLAIN -> PlainSentences.text(random);
          case LONG_HISTORY -> throw new IllegalStateException("long histories have no share");
          case INSTRUCTION -> Instructions.text(random);
        });
  }

  private Document longHistory(Key key) {
    return new Document(Document.Kind.LONG_HISTORY, longWorld.longHistory(key, key.random()));
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
