package ai.kindred.examples.pretrain;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.lm.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  Document document(long index) {
    return index % longEvery == longEvery - 1 ? text.longDocument(index) : text.document(index);
  }

  TokenizedExample example(Document document) {
    int[] ids = tokenizer.encode(document.text(), false);
    int[] tail = Arrays.copyOfRange(ids, Math.max(0, ids.length - context), ids.length);
    int[] target = Arrays.copyOfRange(tail, 1, tail.length + 1);
    target[target.length - 1] = END_OF_TEXT;
    return new TokenizedExample(new int[] {tail[0]}, target, 0);
  }

  /** The documents of these numbers side by side. */
  PackedBatch batch(long first, int count) {
    List<TokenizedExample> examples = new ArrayList<>();
    for (long index = first; index < first + count; index++) {
      examples.add(example(document(index)));
    }
    return PackedBatch.of(examples);
  }
}
