package ai.kindred.core.lm;

import java.util.List;
import java.util.Set;

/** One text while its tokens arrive. */
final class GrowingText {

  private final Tokenizer tokenizer;
  private final StreamDecoder decoder;
  private final StopStrings stops;
  private final Set<Integer> ends;
  private final StringBuilder text = new StringBuilder();
  private int tokens;

  /**
   * @param ends ids that end the text and are no part of it
   */
  GrowingText(Tokenizer tokenizer, List<String> stopStrings, Set<Integer> ends) {
    this.tokenizer = tokenizer;
    this.decoder = tokenizer.stream(true);
    this.stops = new StopStrings(stopStrings);
    this.ends = ends;
  }

  /** Adds tokens and returns the text that is now certain. */
  String push(int[] ids) {
    int before = text.length();
    for (int id : ids) {
      if (stops.found() || ends.contains(id)) {
        break;
      }
      tokens++;
      // A model may have more rows than its tokenizer has tokens; these stand for nothing.
      if (id >= 0 && id < tokenizer.vocabSize()) {
        text.append(stops.push(decoder.push(id)));
      }
    }
    return text.substring(before);
  }

  /** Ends the text and returns what was held back. */
  String finish() {
    int before = text.length();
    text.append(stops.push(decoder.finish())).append(stops.finish());
    return text.substring(before);
  }

  /** Whether a stop string has come. */
  boolean stopped() {
    return stops.found();
  }

  /** The text and its tokens, those after the one that completed a stop string left out. */
  GeneratedText result(int[] prompt, Generated all) {
    return new GeneratedText(
        text.toString(), prompt, stops.found() ? all.stoppedAfter(tokens) : all);
  }
}
