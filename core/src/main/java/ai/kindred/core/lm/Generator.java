package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Held;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Pass;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes continuations of prompts, many at once: the prompts are read side by side without padding,
 * then all sequences grow by {@value #STRIDE} tokens a native call. Sequences that have ended leave
 * the batch once they are half of it. A generator holds a copy of the model's weights, laid out for
 * fast products; make one for many prompts, and use it from one thread at a time.
 *
 * <pre>{@code
 * try (Generator generator = new Generator(model)) {
 *   List<Generated> texts = generator.generate(prompts, Generation.greedy(100));
 * }
 * }</pre>
 */
public final class Generator implements AutoCloseable {

  /** Tokens a native call: short enough to stop soon, long enough that the call costs nothing. */
  static final int STRIDE = 16;

  /** Everything that changes from token to token, and which prompt each sequence continues. */
  record State(
      Tensor ids,
      Tensor example,
      Tensor positions,
      Tensor slot,
      Tensor first,
      Tensor keys,
      @Nullable Tensor seen,
      Cache cache) {

    /** The state of chosen sequences, which may repeat. */
    State select(Tensor rows, long groups) {
      return new State(
          ids.indexSelect(0, rows),
          example.indexSelect(0, rows),
          positions.indexSelect(0, rows),
          slot,
          first.indexSelect(0, rows),
          keys.indexSelect(0, rows),
          seen == null ? null : seen.indexSelect(0, rows),
          cache.select(rows, groups));
    }
  }

  private record Prefill(TokenBatch batch, Tensor end, Tensor slots) {}

  private record Prefilled(Tensor logits, Cache cache) {}

  private record Chunk(State state, Tensor ids, Tensor logProbabilities) {}

  private record Start(Tensor logits, State state) {}

  /** The kernels of one way of choosing tokens. */
  private record Decoding(Kernel<Start, Chunk> first, Kernel<State, Chunk> next) {}

  private final LanguageModel model;
  private final CausalLm network;
  private final Held<List<Tensor>> copies;
  private final boolean compact;
  private final Kernel<Prefill, Prefilled> prefill;
  private final Map<Sampling, Decoding> decodings = new HashMap<>();

  /** A generator of a model, which must stay open as long as this. */
  public Generator(LanguageModel model) {
    this(model, true);
  }

  /**
   * A generator of a model.
   *
   * @param compact whether sequences that have ended leave the batch once they are half of it
   */
  Generator(LanguageModel model, boolean compact) {
    this.model = model;
    this.compact = compact;
    this.network = Scope.tidy(() -> Serving.of(model.base(), model.activations()));
    this.copies = Held.of(copies(model, network));
    this.prefill =
        Kernel.of(
            in -> {
              Pass packed = model.pass(in.batch(), false, false, null);
              Recording recording = new Recording(packed.mixing());
              Pass pass = packed.withMixing(recording);
              Tensor h =
                  network.hidden(in.batch().ids(), pass).indexSelect(0, in.batch().targets());
              Cache cache =
                  Cache.of(
                      recording.keys(),
                      recording.values(),
                      in.batch().starts(),
                      in.end().toDim(),
                      in.slots().toDim());
              return new Prefilled(network.logits(h, pass), cache);
            });
  }

  /** What the network holds beyond the model. */
  private static List<Tensor> copies(LanguageModel model, CausalLm network) {
    Set<Tensor> own = Collections.newSetFromMap(new IdentityHashMap<>());
    own.addAll(Tree.leaves(network).values());
    Tree.leaves(model.base()).values().forEach(own::remove);
    return List.copyOf(own);
  }

  /**
   * Continues prompts.
   *
   * @param prompts token ids of each prompt, at least one
   * @throws IllegalArgumentException if a prompt is empty, holds an id that the model lacks, or
   *     leaves no room in the model's context
   */
  public List<Generated> generate(List<int[]> prompts, Generation settings) {
    return generate(prompts, settings, (sequence, ids) -> true);
  }

  /** Hears of new tokens while they are written. */
  public interface Listener {
    /**
     * New tokens of a sequence; the last may be its end-of-text token.
     *
     * @return whether the sequence goes on
     */
    boolean tokens(int sequence, int[] ids);
  }

  /** Continues prompts, telling a listener of new tokens as they come. */
  public List<Generated> generate(List<int[]> prompts, Generation settings, Listener listener) {
    return run(prompts, 1, settings, listener);
  }

  /**
   * Continues each prompt several times, reading it once.
   *
   * @param prompts token ids of each prompt, at least one
   * @param continuations how many of each prompt, at least 1; each has random numbers of its own
   * @return for each prompt its continuations: what {@link #generate} gives for the prompts
   *     repeated
   */
  public List<List<Generated>> continuations(
      List<int[]> prompts, int continuations, Generation settings) {
    if (continuations < 1) {
      throw new IllegalArgumentException(
          continuations + " continuations of a prompt; there must be at least 1");
    }
    List<Generated> all = run(prompts, continuations, settings, (sequence, ids) -> true);
    return IntStream.range(0, prompts.size())
        .mapToObj(i -> all.subList(i * continuations, (i + 1) * continuations))
        .toList();
  }

  @SuppressWarnings("try") // the scope works by being open
  private List<Generated> run(
      List<int[]> prompts, int each, Generation settings, Listener listener) {
    prompts.forEach(p -> check(p, settings.maxNewTokens()));
    int n = Math.multiplyExact(prompts.size(), each);
    if (n == 0 || settings.maxNewTokens() == 0) {
      return Collections.nCopies(n, new Generated(new int[0], new float[0], Generated.Stop.LENGTH));
    }
    Sequences sequences = new Sequences(n, settings, stops(settings), listener);
    Decoding decoding = decodings.computeIfAbsent(settings.sampling(), this::decoding);
    try (Scope run = Scope.open()) {
      Chunk chunk = Scope.tidy(() -> decoding.first().call(start(prompts, each, settings)));
      while (!sequences.add(chunk.ids().toLongs(), chunk.logProbabilities().toFloats())) {
        Chunk before = chunk;
        Optional<int[]> rows = compact ? sequences.compact() : Optional.empty();
        chunk =
            Scope.tidy(
                () ->
                    decoding
                        .next()
                        .call(rows.map(r -> kept(before.state(), r)).orElse(before.state())));
        free(before, chunk);
      }
    }
    return sequences.results();
  }

  private Decoding decoding(Sampling sampling) {
    return new Decoding(Kernel.of(in -> begin(in, sampling)), Kernel.of(in -> grow(in, sampling)));
  }

  private State kept(State state, int[] rows) {
    return state.select(Tensor.of(rows), groups());
  }

  private long groups() {
    return model.config().attention().keyValueHeads();
  }

  /** Frees what the next chunk does not use: a cache that has been compacted, above all. */
  private static void free(Chunk before, Chunk now) {
    Set<Tensor> used = Collections.newSetFromMap(new IdentityHashMap<>());
    used.addAll(Tree.leaves(now).values());
    Tree.leaves(before).values().stream().filter(t -> !used.contains(t)).forEach(Tensor::close);
  }

  private void check(int[] prompt, int maxNewTokens) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("a prompt is empty; it needs at least one token");
    }
    model.requireKnown(prompt);
    int context = model.config().maxPositions();
    if ((long) prompt.length + maxNewTokens > context) {
      throw new IllegalArgumentException(
          "a prompt of "
              + prompt.length
              + " tokens and "
              + maxNewTokens
              + " new ones do not fit the model's context of "
              + context
              + " tokens; shorten the prompt or ask for fewer new tokens");
    }
  }

  private Set<Integer> stops(Generation settings) {
    return settings.ignoreEndOfText() ? Set.of() : model.endOfText();
  }

  private Start start(List<int[]> prompts, int each, Generation settings) {
    int longest = prompts.stream().mapToInt(p -> p.length).max().orElseThrow();
    // Chunks are whole, so the last may write past the tokens asked for.
    int slots = longest + settings.maxNewTokens() + STRIDE;
    PackedBatch packed = packed(prompts);
    Prefilled read =
        prefill.call(
            new Prefill(
                TokenBatch.of(packed),
                Tensor.of(new int[] {longest}),
                Tensor.of(new int[] {slots})));
    int[] lengths = prompts.stream().mapToInt(p -> p.length).toArray();
    int[] first = Arrays.stream(lengths).map(n -> longest - n).toArray();
    State state =
        new State(
            Tensor.of(new int[lengths.length]),
            Tensor.of(IntStream.range(0, lengths.length).toArray()),
            Tensor.of(lengths),
            Tensor.of(new int[] {longest}),
            Tensor.of(first),
            keys(lengths.length, settings),
            settings.sampling().repetitionPenalty() == 1 ? null : seen(packed),
            read.cache());
    if (each == 1) {
      return new Start(read.logits(), state);
    }
    int n = lengths.length * each;
    Tensor rows = Tensor.of(IntStream.range(0, n).map(i -> i / each).toArray());
    State s = state.select(rows, groups());
    return new Start(
        read.logits().indexSelect(0, rows),
        new State(
            s.ids(),
            s.example(),
            s.positions(),
            s.slot(),
            s.first(),
            keys(n, settings),
            s.seen(),
            s.cache()));
  }

  /** A key a sequence, [n, 1]. */
  private static Tensor keys(int n, Generation settings) {
    Key key = Key.of(settings.seed()).fold("generate");
    return Tensor.of(
        IntStream.range(0, n).mapToLong(i -> key.fold(i).bits() >>> 12).toArray(), n, 1);
  }

  private Tensor seen(PackedBatch packed) {
    int vocabulary = model.config().vocabSize();
    long[] places = new long[packed.tokens()];
    for (int b = 0; b < packed.examples(); b++) {
      for (int t = packed.starts()[b]; t < packed.starts()[b + 1]; t++) {
        places[t] = (long) b * vocabulary + packed.ids()[t];
      }
    }
    Tensor counts = Tensor.zeros(DType.FLOAT32, (long) packed.examples() * vocabulary);
    return counts
        .scatterAdd(0, Tensor.of(places), Tensor.ones(DType.FLOAT32, places.length))
        .gt(0)
        .reshape(packed.examples(), vocabulary);
  }

  /** Prompts whose last position alone is read; what follows it is not known yet. */
  private static PackedBatch packed(List<int[]> prompts) {
    return PackedBatch.of(
        prompts.stream().map(p -> new TokenizedExample(p, new int[] {0}, 0)).toList());
  }

  /** One token chosen from scores. */
  private record Choice(Tensor ids, Tensor logProbabilities, Tensor keys, @Nullable Tensor seen) {}

  private static Choice choose(Tensor logits, State s, Sampling sampling) {
    // A loop's carry keeps its own shape, not that of what it was combined with.
    Tensor ids = sampling.choose(logits, s.seen(), s.keys()).reshape(logits.size(0));
    Tensor column = ids.unsqueeze(-1);
    Tensor log = logits.gather(-1, column).squeeze(-1).sub(logits.logsumexp(-1, false));
    Tensor seen = s.seen();
    if (seen != null) {
      Tensor now = Tensor.arange(seen.size(1)).unsqueeze(0).eq(column);
      seen = seen.logicalOr(now).reshape(seen.size(0), seen.size(1));
    }
    return new Choice(ids, log, Sampling.next(s.keys()), seen);
  }

  /** The token after the prompt. */
  private Chunk begin(Start in, Sampling sampling) {
    State s = in.state();
    Choice c = choose(in.logits(), s, sampling);
    State grown =
        new State(
            c.ids(),
            s.example(),
            s.positions(),
            s.slot(),
            s.first(),
            c.keys(),
            c.seen(),
            s.cache());
    return new Chunk(grown, c.ids().unsqueeze(0), c.logProbabilities().unsqueeze(0));
  }

  /** What one turn carries to the next. */
  private record Turn(
      Tensor ids,
      Tensor positions,
      Tensor slot,
      Tensor keys,
      @Nullable Tensor seen,
      Tensor made,
      Tensor logs) {}

  private Chunk grow(State s, Sampling sampling) {
    Dim sequences = s.ids().size(0);
    Turn start =
        new Turn(
            s.ids(),
            s.positions(),
            s.slot(),
            s.keys(),
            s.seen(),
            Tensor.full(0, DType.INT64, Dim.of(STRIDE), sequences),
            Tensor.full(0, DType.FLOAT32, Dim.of(STRIDE), sequences));
    Turn end = Kernel.loop(Dim.of(STRIDE), start, (i, t) -> turn(i, t, s, sampling));
    State grown =
        new State(
            end.ids(),
            s.example(),
            end.positions(),
            end.slot(),
            s.first(),
            end.keys(),
            end.seen(),
            s.cache());
    return new Chunk(grown, end.made(), end.logs());
  }

  private Turn turn(Dim i, Turn t, State s, Sampling sampling) {
    Cached mixing =
        new Cached(
            s.cache(), t.slot().toDim(), s.first(), model.activations(), groups(), model.windows());
    Pass pass = new Pass(t.positions(), s.example(), mixing, List.of(), false, false, null);
    Tensor logits = network.logits(network.hidden(t.ids(), pass), pass);
    State now =
        new State(
            t.ids(),
            s.example(),
            t.positions(),
            t.slot(),
            s.first(),
            t.keys(),
            t.seen(),
            s.cache());
    Choice c = choose(logits, now, sampling);
    return new Turn(
        c.ids(),
        t.positions().add(1),
        t.slot().add(1),
        c.keys(),
        c.seen(),
        t.made().write(0, i, c.ids().unsqueeze(0)),
        t.logs().write(0, i, c.logProbabilities().unsqueeze(0)));
  }

  @Override
  public void close() {
    prefill.close();
    decodings
        .values()
        .forEach(
            d -> {
              d.first().close();
              d.next().close();
            });
    copies.close();
  }
}
