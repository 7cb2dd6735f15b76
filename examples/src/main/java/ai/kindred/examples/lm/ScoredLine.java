package ai.kindred.examples.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens to score.
 *
 * @param ids what the model reads, up to the last token that predicts something
 * @param labels [ids + 1] the token to predict from the ids before it, or {@link #IGNORED}
 * @param source file and line
 */
@SuppressWarnings("ArrayRecordComponent") // goes to kernels as arrays; nobody compares lines
record ScoredLine(int[] ids, int[] labels, String source) {

  /** The label of a token that is not scored, as in transformers. */
  static final int IGNORED = -100;

  static ScoredLine read(JsonNode line, String source, LanguageModel model) throws IOException {
    if (line.has("ids")) {
      int[] ids = integers(line, "ids", source);
      int[] labels = integers(line, "labels", source);
      if (labels.length != ids.length) {
        throw new IOException(
            source
                + ": there are "
                + ids.length
                + " ids and "
                + labels.length
                + " labels; each id needs one");
      }
      return of(ids, labels, source, model);
    }
    if (!line.path("prompt").isTextual() || !line.path("target").isTextual()) {
      throw new IOException(
          source
              + ": expected {\"ids\":[..],\"labels\":[..]} or"
              + " {\"prompt\":\"..\",\"target\":\"..\"}");
    }
    Tokenizer tokenizer = model.requireTokenizer();
    int[] prompt = tokenizer.encode(line.get("prompt").textValue(), false);
    int[] target = tokenizer.encode(line.get("target").textValue(), false);
    int[] ids = Arrays.copyOf(prompt, prompt.length + target.length);
    System.arraycopy(target, 0, ids, prompt.length, target.length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, prompt.length, IGNORED);
    return of(ids, labels, source, model);
  }

  private static int[] integers(JsonNode line, String field, String source) throws IOException {
    JsonNode list = line.path(field);
    int[] numbers = new int[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode n = list.get(i);
      if (!n.isIntegralNumber() || !n.canConvertToInt()) {
        throw new IOException(source + ": " + field + "[" + i + "] is " + n + ", no token id");
      }
      numbers[i] = n.intValue();
    }
    if (!list.isArray()) {
      throw new IOException(source + ": " + field + " must be a list of token ids");
    }
    return numbers;
  }

  private static ScoredLine of(int[] ids, int[] labels, String source, LanguageModel model)
      throws IOException {
    int context = model.config().maxPositions();
    if (ids.length == 0 || ids.length > context) {
      throw new IOException(
          source + ": " + ids.length + " tokens; the model's context holds 1 to " + context);
    }
    int vocabulary = model.config().vocabSize();
    int last = 0;
    for (int i = 0; i < ids.length; i++) {
      int label = labels[i];
      if (ids[i] < 0 || ids[i] >= vocabulary) {
        throw new IOException(outside(source, "token id " + ids[i], vocabulary));
      }
      if (label != IGNORED && (label < 0 || label >= vocabulary)) {
        throw new IOException(outside(source, "label " + label, vocabulary));
      }
      last = i > 0 && label != IGNORED ? i : last;
    }
    return new ScoredLine(Arrays.copyOf(ids, last), Arrays.copyOf(labels, last + 1), source);
  }

  private static String outside(String source, String what, int vocabulary) {
    return source + ": " + what + " is outside the model's vocabulary of " + vocabulary + " tokens";
  }

  /** Positions that the model reads. */
  int length() {
    return ids.length;
  }

  /** Tokens that are scored. */
  int targets() {
    int n = 0;
    for (int i = 1; i < labels.length; i++) {
      n += labels[i] == IGNORED ? 0 : 1;
    }
    return n;
  }

  /** Lines side by side; those without targets take no place. */
  static PackedBatch packed(List<ScoredLine> all) {
    List<ScoredLine> lines = all.stream().filter(line -> line.length() > 0).toList();
    int tokens = lines.stream().mapToInt(ScoredLine::length).sum();
    int targets = lines.stream().mapToInt(ScoredLine::targets).sum();
    int[] ids = new int[tokens];
    int[] positions = new int[tokens];
    int[] starts = new int[lines.size() + 1];
    int[] rows = new int[targets];
    int[] labels = new int[targets];
    int target = 0;
    for (int b = 0; b < lines.size(); b++) {
      ScoredLine line = lines.get(b);
      for (int i = 0; i < line.length(); i++) {
        ids[starts[b] + i] = line.ids[i];
        positions[starts[b] + i] = i;
        if (line.labels[i + 1] != IGNORED) {
          rows[target] = starts[b] + i;
          labels[target++] = line.labels[i + 1];
        }
      }
      starts[b + 1] = starts[b] + line.length();
    }
    return new PackedBatch(ids, positions, starts, rows, labels, new int[lines.size()]);
  }
}
