package ai.kindred.examples.pretrain;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.lm.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The stream of documents as examples to train on, each a pure function of its number.
 *
 * <p>An example is one document and the end-of-text token; its first token is only read. Where it
 * is longer than the context, its end stays: answers stand there.
 *
 * @param text the documents
 * @param tokenizer from text to ids
 * @param context longest example
 * @param longEvery of so many documents the last is long
 */
record TokenizedText(PretrainingText text, Tokenizer tokenizer, int context, int longEvery) {

  private static final int END_OF_TEXT = 0;

  /** Of so many documents at the start two in three are lists: to find and copy comes first. */
  private static final int LISTS = 8_000;

  Document document(long index) {
    if (index % longEvery == longEvery - 1) {
      return text.longDocument(index);
    }
    return index < LISTS && index % 3 > 0 ? text.list(index) : text.document(index);
  }

  TokenizedExample example(Document document) {
    return weighted(document).example();
  }

  /**
   * An example and how many times each of its targets counts.
   *
   * @param weights as many as targets
   */
  @SuppressWarnings("ArrayRecordComponent") // goes into a batch; nobody compares these
  private record Weighted(TokenizedExample example, int[] weights) {}

  private Weighted weighted(Document document) {
    int[] ids = new int[document.text().length()];
    int[] weights = new int[ids.length + 1];
    int n = 0;
    for (Document.Piece piece : document.pieces()) {
      int[] own = tokenizer.encode(piece.text(), false);
      System.arraycopy(own, 0, ids, n, own.length);
      Arrays.fill(weights, n, n + own.length, piece.weight());
      n += own.length;
    }
    weights[n] = 1;
    int from = Math.max(0, n - context);
    int[] target = Arrays.copyOfRange(ids, from + 1, n + 1);
    target[target.length - 1] = END_OF_TEXT;
    return new Weighted(
        new TokenizedExample(new int[] {ids[from]}, target, 0),
        Arrays.copyOfRange(weights, from + 1, n + 1));
  }

  /**
   * The documents of these numbers side by side. A target that counts several times stands there
   * several times.
   */
  PackedBatch batch(long first, int count) {
    List<Weighted> documents = new ArrayList<>();
    for (long index = first; index < first + count; index++) {
      documents.add(weighted(document(index)));
    }
    PackedBatch batch = PackedBatch.of(documents.stream().map(Weighted::example).toList());
    int[] weights = documents.stream().flatMapToInt(d -> Arrays.stream(d.weights())).toArray();
    return new PackedBatch(
        batch.ids(),
        batch.positions(),
        batch.starts(),
        repeated(batch.targetPositions(), weights),
        repeated(batch.targetIds(), weights),
        batch.taskOfExample());
  }

  private static int[] repeated(int[] values, int[] times) {
    return IntStream.range(0, values.length)
        .flatMap(i -> IntStream.generate(() -> values[i]).limit(times[i]))
        .toArray();
  }
}
