package ai.kindred.examples.golden;

import static ai.kindred.examples.golden.GoldenJson.field;
import static ai.kindred.examples.golden.GoldenJson.ints;

import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Sampling;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Greedy continuations: ids must be equal. */
final class Greedy {

  private Greedy() {}

  /** Continuations of prompts, one or a list of them, written side by side. */
  static Check check(LanguageModel model, JsonNode golden) {
    List<int[]> prompts = new ArrayList<>();
    List<int[]> expected = new ArrayList<>();
    for (JsonNode one : golden.isArray() ? golden : List.of(golden)) {
      prompts.add(ints(field(one, "prompt")));
      expected.add(ints(field(one, "ids")));
    }
    return check(model, prompts, expected);
  }

  static Check check(LanguageModel model, List<int[]> prompts, List<int[]> expected) {
    int longest = expected.stream().mapToInt(ids -> ids.length).max().orElse(0);
    int different = 0;
    try (Generator generator = new Generator(model)) {
      List<Generated> written =
          generator.generate(prompts, new Generation(longest, Sampling.GREEDY, 0, true));
      for (int i = 0; i < expected.size(); i++) {
        int[] want = expected.get(i);
        int[] got = written.get(i).ids();
        for (int t = 0; t < want.length; t++) {
          different += t < got.length && got[t] == want[t] ? 0 : 1;
        }
      }
    }
    return new Check("greedy ids that differ", different, 0);
  }
}
