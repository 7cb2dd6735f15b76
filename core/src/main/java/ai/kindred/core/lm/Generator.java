package ai.kindred.core.lm;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes continuations of prompts, many at once: the prompts are read side by side without padding,
 * then all sequences grow by {@value #STRIDE} tokens a native call.
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

  /** Everything that changes from token to token. */
  record State(
      Tensor ids,
      Tensor positions,
      Tensor slot,
      Tensor first,
      Tensor keys,
      @Nullable Tensor seen,
      Cache cache) {}

  private record Prefill(TokenBatch batch, Tensor end, Tensor slots) {}

  private record Prefilled(Tensor logits, Cache cache) {}

  private record Chunk(State state, Tensor ids, Tensor logProbabilities) {}

  private record Start(Tensor logits, State state) {}

  private final LanguageModel model;
  private final Kernel<Prefill, Prefilled> prefill;

  /** A generator of a model, which must stay open as long as this. */
  public Generator(LanguageModel model) {
    this.model = model;
    this.prefill =
        Kernel.of(
            in -> {
              Pass packed = model.pass(in.batch(), false, false, null);
              Recording recording = new Recording(packed.mixing());
              Pass pass = packed.withMixing(recording);
              CausalLm network = model.base();
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
     * New tokens of a sequence.
     *
     * @return whether the sequence goes on
     */
    boolean tokens(int sequence, int[] ids);
  }

  /** Continues prompts, telling a listener of new tokens as they come. */
  public List<Generated> generate(List<int[]> prompts, Generation settings, Listener listener) {
    prompts.forEach(p -> check(p, settings.maxNewTokens()));
    if (prompts.isEmpty() || settings.maxNewTokens() == 0) {
      return prompts.stream()
          .map(p -> new Generated(new int[0], new float[0], Generated.Stop.LENGTH))
          .toList();
    }
    Sequences sequences = new Sequences(prompts.size(), settings, stops(settings), listener);
    try (Kernel<Start, Chunk> first = Kernel.of(in -> begin(in, settings.sampling()));
        Kernel<State, Chunk> next = Kernel.of(in -> grow(in, settings.sampling()));
        Scope run = Scope.open()) {
      Chunk chunk = Scope.tidy(() -> first.call(start(prompts, settings)));
      while (!sequences.add(chunk.ids().toLongs(), chunk.logProbabilities().toFloats())
          && run.size() > 0) {
        State state = chunk.state();
        Chunk grown = Scope.tidy(() -> next.call(state));
        chunk.ids().close();
        chunk.logProbabilities().close();
        chunk = grown;
      }
    }
    return sequences.results();
  }

  private void check(int[] prompt, int maxNewTokens) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("a prompt is empty; it needs at least one token");
    }
    int vocabulary = model.config().vocabSize();
    for (int id : prompt) {
      if (id < 0 || id >= vocabulary) {
        throw new IllegalArgumentException(
            "token id " + id + " is outside the model's vocabulary of " + vocabulary + " tokens");
      }
    }
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
    return settings.ignoreEndOfText() ? Set.of() : new TreeSet<>(model.endOfText());
  }

  private Start start(List<int[]> prompts, Generation settings) {
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
    long[] keys = new long[prompts.size()];
    Key key = Key.of(settings.seed()).fold("generate");
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key.fold(i).bits() >>> 12;
    }
    State state =
        new State(
            Tensor.of(new int[prompts.size()]),
            Tensor.of(lengths),
            Tensor.of(new int[] {longest}),
            Tensor.of(first),
            Tensor.of(keys, keys.length, 1),
            settings.sampling().repetitionPenalty() == 1 ? null : seen(packed),
            read.cache());
    return new Start(read.logits(), state);
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

  private static PackedBatch packed(List<int[]> prompts) {
    int tokens = prompts.stream().mapToInt(p -> p.length).reduce(0, Math::addExact);
    int[] ids = new int[tokens];
    int[] positions = new int[tokens];
    int[] starts = new int[prompts.size() + 1];
    int[] last = new int[prompts.size()];
    for (int b = 0; b < last.length; b++) {
      int[] p = prompts.get(b);
      System.arraycopy(p, 0, ids, starts[b], p.length);
      for (int i = 0; i < p.length; i++) {
        positions[starts[b] + i] = i;
      }
      starts[b + 1] = starts[b] + p.length;
      last[b] = starts[b + 1] - 1;
    }
    return new PackedBatch(
        ids, positions, starts, last, new int[last.length], new int[last.length]);
  }

  /** One token chosen from scores. */
  private record Choice(Tensor ids, Tensor logProbabilities, Tensor keys, @Nullable Tensor seen) {}

  private static Choice choose(Tensor logits, State s, Sampling sampling) {
    Tensor ids = sampling.choose(logits, s.seen(), s.keys());
    Tensor column = ids.unsqueeze(-1);
    Tensor log = logits.gather(-1, column).squeeze(-1).sub(logits.logsumexp(-1, false));
    Tensor seen =
        s.seen() == null
            ? null
            : s.seen().logicalOr(Tensor.arange(logits.size(1)).unsqueeze(0).eq(column));
    return new Choice(ids, log, Sampling.next(s.keys()), seen);
  }

  /** The token after the prompt. */
  private Chunk begin(Start in, Sampling sampling) {
    State s = in.state();
    Choice c = choose(in.logits(), s, sampling);
    State grown =
        new State(c.ids(), s.positions(), s.slot(), s.first(), c.keys(), c.seen(), s.cache());
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
            end.ids(), end.positions(), end.slot(), s.first(), end.keys(), end.seen(), s.cache());
    return new Chunk(grown, end.made(), end.logs());
  }

  private Turn turn(Dim i, Turn t, State s, Sampling sampling) {
    CausalLm network = model.base();
    Cached mixing =
        new Cached(
            s.cache(),
            t.slot().toDim(),
            s.first(),
            model.activations(),
            model.config().attention().keyValueHeads(),
            model.windows());
    Pass pass =
        new Pass(
            t.positions(), Tensor.arange(t.ids().size(0)), mixing, List.of(), false, false, null);
    Tensor logits = network.logits(network.hidden(t.ids(), pass), pass);
    State now =
        new State(t.ids(), t.positions(), t.slot(), s.first(), t.keys(), t.seen(), s.cache());
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
  }

  /** The texts so far, and which go on. */
  private static final class Sequences {

    private final Generation settings;
    private final Set<Integer> stops;
    private final Listener listener;
    private final List<List<Integer>> ids = new ArrayList<>();
    private final List<List<Float>> logs = new ArrayList<>();
    private final Generated.@Nullable Stop[] ended;

    Sequences(int n, Generation settings, Set<Integer> stops, Listener listener) {
      this.settings = settings;
      this.stops = stops;
      this.listener = listener;
      this.ended = new Generated.@Nullable Stop[n];
      for (int i = 0; i < n; i++) {
        ids.add(new ArrayList<>());
        logs.add(new ArrayList<>());
      }
    }

    /** Adds a chunk [steps, B]; returns whether all have ended. */
    boolean add(long[] chunk, float[] logProbabilities) {
      int n = ended.length;
      boolean all = true;
      for (int b = 0; b < n; b++) {
        if (ended[b] == null) {
          int before = ids.get(b).size();
          for (int step = 0; step * n < chunk.length && ended[b] == null; step++) {
            one(b, (int) chunk[step * n + b], logProbabilities[step * n + b]);
          }
          int[] fresh =
              ids.get(b).subList(before, ids.get(b).size()).stream().mapToInt(i -> i).toArray();
          if (!listener.tokens(b, fresh) && ended[b] == null) {
            ended[b] = Generated.Stop.STOPPED;
          }
        }
        all &= ended[b] != null;
      }
      return all;
    }

    private void one(int b, int id, float log) {
      if (stops.contains(id)) {
        ended[b] = Generated.Stop.END_OF_TEXT;
        return;
      }
      ids.get(b).add(id);
      logs.get(b).add(log);
      if (ids.get(b).size() == settings.maxNewTokens()) {
        ended[b] = Generated.Stop.LENGTH;
      }
    }

    List<Generated> results() {
      List<Generated> results = new ArrayList<>();
      for (int b = 0; b < ended.length; b++) {
        float[] l = new float[logs.get(b).size()];
        for (int i = 0; i < l.length; i++) {
          l[i] = logs.get(b).get(i);
        }
        Generated.Stop stop = ended[b];
        results.add(
            new Generated(
                ids.get(b).stream().mapToInt(i -> i).toArray(),
                l,
                stop == null ? Generated.Stop.LENGTH : stop));
      }
      return results;
    }
  }
}
