package ai.kindred.examples.pretrain;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.data.world.Film;
import ai.kindred.core.data.world.Phrasebook;
import ai.kindred.core.data.world.Question;
import ai.kindred.core.data.world.Questions;
import ai.kindred.core.data.world.User;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.lm.Generated;
import ai.kindred.core.lm.Generation;
import ai.kindred.core.lm.Generator;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Scorer;
import ai.kindred.core.metrics.Bootstrap;
import ai.kindred.core.metrics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What a pretrained model has learnt, on documents and users that it was not trained on: loss by
 * kind of document and by place in long ones, four-way questions answered by the likeliest option,
 * and instructions followed by greedy continuation. Beside each stands what a model without
 * knowledge reaches.
 *
 * @param model the model as users load it
 * @param stream the documents
 * @param cases questions of each kind, and instructions; documents are three times as many
 */
record Evaluation(LanguageModel model, TokenizedText stream, int cases) {

  private static final long FIRST = Pretraining.HELD_OUT + 1_000_000;
  private static final int DOCUMENTS_A_CASE = 3;
  private static final int COUNTED_DOCUMENTS_A_CASE = 25;
  private static final int CASES_A_LONG_DOCUMENT = 16;
  private static final int BATCH = 16;
  private static final int ANSWER_TOKENS = 48;
  private static final int[] PLACES = {0, 64, 256, 1024, 2048, 4096};
  private static final Key KEY = Key.of(1).fold("evaluation of a pretrained model");

  /**
   * Loss of one kind of document.
   *
   * @param loss nats a token
   * @param unigram the same for the frequencies of tokens in training documents
   */
  record KindLoss(String kind, int documents, long tokens, Interval loss, double unigram) {}

  /** Loss in long documents at the places {@code from} to {@code to}, in nats a token. */
  record PlaceLoss(int from, int to, long tokens, double loss) {}

  /** Share of right answers; {@code chance} is that of guessing or copying. */
  record Accuracy(String name, int cases, Interval right, double chance) {}

  /** A text that the model wrote after a prompt. */
  record Sample(String prompt, String text) {}

  /**
   * All of it.
   *
   * @param loss nats a token over the held-out mix of documents
   * @param unigram the same for the frequencies of tokens in training documents
   */
  record Results(
      double loss,
      double unigram,
      List<KindLoss> kinds,
      List<PlaceLoss> places,
      List<Accuracy> accuracies,
      List<Sample> samples) {}

  Results run() {
    double[] unigram = unigram();
    try (Scorer scorer = new Scorer(model);
        Generator generator = new Generator(model)) {
      List<KindLoss> kinds = new ArrayList<>();
      double[] totals = losses(scorer, unigram, kinds);
      List<Accuracy> accuracies = new ArrayList<>();
      accuracies.addAll(films(scorer));
      accuracies.addAll(users(scorer));
      accuracies.add(instructions(generator));
      return new Results(
          totals[0], totals[1], kinds, places(scorer), accuracies, samples(generator));
    }
  }

  /** Negative logarithm of each token's share of training documents, every token seen once more. */
  private double[] unigram() {
    double[] counts = new double[model.config().vocabSize()];
    Arrays.fill(counts, 1);
    for (long i = 0; i < (long) COUNTED_DOCUMENTS_A_CASE * cases; i++) {
      for (int id : stream.example(stream.document(i)).target()) {
        counts[id]++;
      }
    }
    double all = Arrays.stream(counts).sum();
    return Arrays.stream(counts).map(c -> -Math.log(c / all)).toArray();
  }

  /** What one document cost, in nats. */
  private record Cost(double model, double unigram, int tokens) {}

  private double[] losses(Scorer scorer, double[] unigram, List<KindLoss> kinds) {
    Map<Document.Kind, List<Cost>> costs = new EnumMap<>(Document.Kind.class);
    int all = DOCUMENTS_A_CASE * cases;
    for (int first = 0; first < all; first += BATCH) {
      List<Document> documents =
          stream.text().documents(FIRST + first).limit(Math.min(BATCH, all - first)).toList();
      List<TokenizedExample> examples = documents.stream().map(stream::example).toList();
      double[] nats = scorer.negativeLogLikelihoods(PackedBatch.of(examples));
      int at = 0;
      for (int b = 0; b < examples.size(); b++) {
        int[] target = examples.get(b).target();
        costs
            .computeIfAbsent(documents.get(b).kind(), k -> new ArrayList<>())
            .add(
                new Cost(
                    Arrays.stream(nats, at, at + target.length).sum(),
                    Arrays.stream(target).mapToDouble(id -> unigram[id]).sum(),
                    target.length));
        at += target.length;
      }
    }
    double[] totals = new double[2];
    long tokens = 0;
    for (Map.Entry<Document.Kind, List<Cost>> entry : costs.entrySet()) {
      List<Cost> own = entry.getValue();
      long n = own.stream().mapToLong(Cost::tokens).sum();
      double unigramNats = own.stream().mapToDouble(Cost::unigram).sum();
      totals[0] += own.stream().mapToDouble(Cost::model).sum();
      totals[1] += unigramNats;
      tokens += n;
      kinds.add(
          new KindLoss(
              entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' '),
              own.size(),
              n,
              perToken(own),
              unigramNats / n));
    }
    return new double[] {totals[0] / tokens, totals[1] / tokens};
  }

  /** Nats a token, documents resampled. */
  private static Interval perToken(List<Cost> costs) {
    double[] places = new double[costs.size()];
    Arrays.setAll(places, i -> i);
    return Bootstrap.of(KEY.fold("loss"))
        .statistic(
            places,
            chosen -> {
              double nats = 0;
              double tokens = 0;
              for (double i : chosen) {
                nats += costs.get((int) i).model();
                tokens += costs.get((int) i).tokens();
              }
              return nats / tokens;
            });
  }

  private List<PlaceLoss> places(Scorer scorer) {
    double[] sums = new double[PLACES.length - 1];
    long[] tokens = new long[PLACES.length - 1];
    for (long i = 0; i <= cases / CASES_A_LONG_DOCUMENT; i++) {
      TokenizedExample example = stream.example(stream.text().longDocument(FIRST + i));
      double[] nats = scorer.negativeLogLikelihoods(PackedBatch.of(List.of(example)));
      for (int t = 0; t < nats.length; t++) {
        int bin = 0;
        while (bin < sums.length - 1 && t >= PLACES[bin + 1]) {
          bin++;
        }
        sums[bin] += nats[t];
        tokens[bin]++;
      }
    }
    List<PlaceLoss> places = new ArrayList<>();
    for (int bin = 0; bin < sums.length; bin++) {
      if (tokens[bin] > 0) {
        places.add(
            new PlaceLoss(PLACES[bin], PLACES[bin + 1], tokens[bin], sums[bin] / tokens[bin]));
      }
    }
    return places;
  }

  private interface Asking {
    Question ask(Film film, Key key);
  }

  private List<Accuracy> films(Scorer scorer) {
    Questions questions = new Questions(PretrainingText.WORLD);
    Phrasebook phrases = new Phrasebook(PretrainingText.WORLD);
    Map<String, Asking> kinds =
        Map.of(
            "genre", questions::filmGenre,
            "year", questions::filmYear,
            "theme", questions::filmTheme,
            "director", questions::filmDirector);
    List<Accuracy> accuracies = new ArrayList<>();
    for (String kind : List.of("genre", "director", "theme", "year")) {
      for (boolean shown : new boolean[] {false, true}) {
        Asking asking = kinds.get(kind);
        if (asking == null) {
          throw new IllegalStateException("every kind has its question");
        }
        double[] right =
            answers(
                scorer,
                i -> {
                  Key key = KEY.fold(kind).fold(i);
                  SplittableRandom random = key.random();
                  Film film =
                      PretrainingText.WORLD.film(
                          random.nextInt(PretrainingText.WORLD.films().size()));
                  String facts = shown ? phrases.facts(film, key) + "\n\n" : "";
                  return new Asked(facts, asking.ask(film, key));
                },
                phrases);
        accuracies.add(
            accuracy("film " + kind + (shown ? ", facts shown" : ", from memory"), right, 0.25));
      }
    }
    return accuracies;
  }

  private List<Accuracy> users(Scorer scorer) {
    Questions questions = new Questions(PretrainingText.WORLD);
    Phrasebook phrases = new Phrasebook(PretrainingText.WORLD);
    List<Accuracy> accuracies = new ArrayList<>();
    for (Question.Kind kind :
        List.of(Question.Kind.NEXT_FAVORITE, Question.Kind.NEXT_GENRE, Question.Kind.NEXT_RATING)) {
      for (boolean told : new boolean[] {false, true}) {
        double[] right =
            answers(
                scorer,
                i -> {
                  User user = PretrainingText.WORLD.user(PretrainingText.USERS + i);
                  Key key = KEY.fold(kind.name()).fold(i);
                  Question question =
                      switch (kind) {
                        case NEXT_FAVORITE -> questions.nextFavorite(user, key);
                        case NEXT_GENRE -> questions.nextGenre(user, key);
                        default -> questions.nextRating(user, key);
                      };
                  String summary =
                      told ? "Summary: " + phrases.bestSummary(user.taste()) + "\n\n" : "";
                  return new Asked(summary, question);
                },
                phrases);
        String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        accuracies.add(
            accuracy(name + (told ? ", summary shown" : ", nothing shown"), right, 0.25));
      }
    }
    return accuracies;
  }

  /** A question and what stands before it. */
  private record Asked(String context, Question question) {}

  /** 1 where the words of the right option are the likeliest of the four to follow, else 0. */
  private double[] answers(Scorer scorer, Function<Integer, Asked> ask, Phrasebook phrases) {
    double[] right = new double[cases];
    for (int i = 0; i < cases; i++) {
      Asked asked = ask.apply(i);
      Question question = asked.question();
      int[] prompt =
          encode(asked.context() + "Question: " + phrases.question(question) + "\nAnswer:");
      List<TokenizedExample> options =
          IntStream.range(0, question.options().size())
              .mapToObj(o -> encode(" " + phrases.option(question, o)))
              .map(words -> new TokenizedExample(prompt, words, 0))
              .toList();
      double[] nats = scorer.negativeLogLikelihoods(PackedBatch.of(options));
      int best = 0;
      double least = Double.POSITIVE_INFINITY;
      int at = 0;
      for (int o = 0; o < options.size(); o++) {
        int length = options.get(o).target().length;
        double cost = Arrays.stream(nats, at, at + length).sum();
        at += length;
        if (cost < least) {
          least = cost;
          best = o;
        }
      }
      right[i] = best == question.answer() ? 1 : 0;
    }
    return right;
  }

  private static Accuracy accuracy(String name, double[] right, double chance) {
    return new Accuracy(name, right.length, Bootstrap.of(KEY.fold(name)).mean(right), chance);
  }

  private int[] encode(String text) {
    return stream.tokenizer().encode(text, false);
  }

  /** A prompt that ends before an answer, the answer, and the input it belongs to. */
  private record Task(String prompt, String answer, String input) {}

  /** The last input of each held-out instruction document that is no chat. */
  private List<Task> tasks() {
    return stream
        .text()
        .documents(FIRST)
        .filter(d -> d.kind() == Document.Kind.INSTRUCTION && !d.text().contains("<|im_start|>"))
        .limit(cases)
        .map(
            d -> {
              int output = d.text().lastIndexOf("\nOutput: ");
              int input = d.text().lastIndexOf("\n\nInput: ") + "\n\nInput: ".length();
              String prompt = d.text().substring(0, output + "\nOutput:".length());
              return new Task(
                  prompt,
                  d.text().substring(output + "\nOutput: ".length()),
                  d.text().substring(input, output));
            })
        .toList();
  }

  private Accuracy instructions(Generator generator) {
    List<Task> tasks = tasks();
    double[] right = new double[tasks.size()];
    int copies = 0;
    for (int first = 0; first < tasks.size(); first += BATCH) {
      List<Task> some = tasks.subList(first, Math.min(tasks.size(), first + BATCH));
      List<String> texts = write(generator, some.stream().map(Task::prompt).toList());
      for (int i = 0; i < some.size(); i++) {
        right[first + i] = answer(texts.get(i)).equals(some.get(i).answer().strip()) ? 1 : 0;
        copies += some.get(i).input().strip().equals(some.get(i).answer().strip()) ? 1 : 0;
      }
    }
    return accuracy("instruction, output exact", right, copies / (double) tasks.size());
  }

  /** What was written for one input: up to the next, where the model went on. */
  private static String answer(String text) {
    int next = text.indexOf("\n\nInput:");
    return (next < 0 ? text : text.substring(0, next)).strip();
  }

  private List<String> write(Generator generator, List<String> prompts) {
    List<int[]> ids = prompts.stream().map(this::encode).toList();
    List<Generated> written = generator.generate(ids, Generation.greedy(ANSWER_TOKENS));
    return written.stream().map(g -> stream.tokenizer().decode(g.ids(), true)).toList();
  }

  private List<Sample> samples(Generator generator) {
    Film film = PretrainingText.WORLD.film(0);
    List<String> prompts = new ArrayList<>();
    prompts.add("Title: " + film.title() + "\nYear:");
    prompts.add("Question: Who directed " + film.title() + "?\nAnswer:");
    prompts.add("Summary: The user loves comedy films");
    prompts.add("In the morning");
    tasks().stream().limit(4).forEach(task -> prompts.add(task.prompt()));
    List<String> texts = write(generator, prompts);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      samples.add(new Sample(prompts.get(i), texts.get(i)));
    }
    return samples;
  }
}
