package ai.kindred.examples.golden;

import static ai.kindred.examples.golden.GoldenJson.field;
import static ai.kindred.examples.golden.GoldenJson.ints;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.lm.ChatTemplate;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.lm.Tokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts and chats of SmolLM2 from its GGUF file in float32, as transformers reads them. */
record SmolLm2Case(String name, Path file, Path model) implements GoldenCase {

  private static final int GREEDY_IDS = 20;

  @Override
  public List<Check> run() throws IOException {
    JsonNode golden = GoldenJson.read(file);
    List<Check> checks = new ArrayList<>();
    try (Scope scope = Scope.open()) {
      LanguageModel loaded = scope.keep(LanguageModel.load(model, Precision.FLOAT32));
      Tokenizer tokenizer = loaded.requireTokenizer();
      double ids = 0;
      double logits = 0;
      double likelihood = 0;
      try (Scorer scorer = new Scorer(loaded)) {
        for (JsonNode text : field(golden, "texts")) {
          int[] expected = ints(field(text, "ids"));
          int[] encoded = tokenizer.encode(field(text, "text").textValue(), false);
          ids += Arrays.equals(encoded, expected) ? 0 : 1;
          PackedBatch batch = GoldenJson.every(expected);
          logits = Check.worse(logits, topError(scorer, batch, text));
          double[] each = scorer.negativeLogLikelihoods(batch);
          double sum = Arrays.stream(each).limit(each.length - 1L).sum();
          likelihood =
              Check.worse(likelihood, Check.relativeError(sum, GoldenJson.number(text, "nll_sum")));
        }
      }
      checks.add(new Check("texts whose ids differ", ids, 0));
      checks.add(new Check("top-20 logits", logits, 2e-3));
      checks.add(new Check("likelihood, relative", likelihood, 1e-4));
      checks.addAll(chats(loaded, tokenizer, field(golden, "chats")));
    }
    return checks;
  }

  private static double topError(Scorer scorer, PackedBatch batch, JsonNode text) {
    int[] top = ints(field(text, "last_top20_ids"));
    JsonNode expected = field(text, "last_top20_logits");
    try (Tensor all = scorer.logits(batch);
        Tensor last = all.select(0, batch.tokens() - 1)) {
      float[] actual = last.toFloats();
      double worst = 0;
      for (int i = 0; i < top.length; i++) {
        worst = Check.worse(worst, Math.abs(actual[top[i]] - expected.required(i).doubleValue()));
      }
      return worst;
    }
  }

  private List<Check> chats(LanguageModel loaded, Tokenizer tokenizer, JsonNode chats)
      throws IOException {
    ChatTemplate template = ChatTemplate.load(model, tokenizer.specialTokens());
    double rendered = 0;
    double ids = 0;
    List<int[]> prompts = new ArrayList<>();
    List<int[]> greedy = new ArrayList<>();
    for (JsonNode chat : chats) {
      List<ChatTemplate.Message> messages = new ArrayList<>();
      for (JsonNode m : field(chat, "messages")) {
        messages.add(
            new ChatTemplate.Message(
                field(m, "role").textValue(), field(m, "content").textValue()));
      }
      String text = template.render(messages, true);
      int[] prompt = ints(field(chat, "prompt_ids"));
      rendered += text.equals(field(chat, "rendered").textValue()) ? 0 : 1;
      ids += Arrays.equals(tokenizer.encode(text, false), prompt) ? 0 : 1;
      prompts.add(prompt);
      greedy.add(Arrays.stream(ints(field(chat, "greedy_ids"))).limit(GREEDY_IDS).toArray());
    }
    return List.of(
        new Check("chats whose text differs", rendered, 0),
        new Check("chats whose ids differ", ids, 0),
        Greedy.check(loaded, prompts, greedy));
  }
}
