package ai.kindred.core.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Learns a byte-level BPE tokenizer (Sennrich, Haddow and Birch, 2016; bytes as in GPT-2): join the
 * most frequent pair of neighbouring tokens, again and again. Words are cut as {@code ByteLevel}
 * does and no token crosses a word; special tokens in the text are left out.
 *
 * <pre>{@code
 * BpeTrainer trainer = new BpeTrainer();
 * documents.forEach(trainer::add);
 * trainer.train(4096).write(folder, 4096);
 * }</pre>
 *
 * <p>The result depends on the counts of words alone, not on the order of documents: among equally
 * frequent pairs the one of older tokens is joined first. Memory grows with the number of different
 * words; time with that and with the number of merges. Not safe for use by several threads.
 */
public final class BpeTrainer {

  private static final int BYTES = 256;
  private static final Pattern SPECIAL =
      Pattern.compile(
          String.join("|", ByteLevelBpe.SPECIAL_TOKENS.stream().map(Pattern::quote).toList()));

  private final Map<String, Long> words = new HashMap<>();

  /** Counts the words of a document. */
  public void add(String document) {
    Matcher special = SPECIAL.matcher(document);
    int start = 0;
    while (special.find()) {
      count(document.substring(start, special.start()));
      start = special.end();
    }
    count(document.substring(start));
  }

  private void count(String text) {
    for (String word : ByteLevel.words(text)) {
      words.merge(word, 1L, Long::sum);
    }
  }

  /**
   * Learns from all documents so far.
   *
   * @param vocabularySize tokens wanted, special tokens and the 256 bytes included; fewer come out
   *     where no pair occurs at least twice any more
   * @throws IllegalArgumentException if the size has no room for the bytes and special tokens
   */
  public ByteLevelBpe train(int vocabularySize) {
    int base = ByteLevelBpe.SPECIAL_TOKENS.size() + BYTES;
    if (vocabularySize < base || vocabularySize > 1_000_000) {
      throw new IllegalArgumentException(
          "A vocabulary of " + vocabularySize + " is not " + base + " to 1,000,000");
    }
    return new Training(words).run(vocabularySize - ByteLevelBpe.SPECIAL_TOKENS.size());
  }

  /** A pair of tokens with its present count and the words that it was ever seen in. */
  private static final class Pair {
    final int left;
    final int right;
    final IntBag seen = new IntBag();
    long count;

    Pair(int left, int right) {
      this.left = left;
      this.right = right;
    }
  }

  /** A pair in the queue with its count when it was put there. */
  private record Candidate(Pair pair, long count) {
    static final Comparator<Candidate> MOST_FREQUENT =
        Comparator.comparingLong(Candidate::count)
            .reversed()
            .thenComparingInt(c -> c.pair().left)
            .thenComparingInt(c -> c.pair().right);
  }

  private static final class Training {
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<int[]> texts = new ArrayList<>();
    private final IntBag lengths = new IntBag();
    private final List<Long> counts = new ArrayList<>();
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>(Candidate.MOST_FREQUENT);

    Training(Map<String, Long> words) {
      for (int b = 0; b < BYTES; b++) {
        token(String.valueOf(ByteLevel.character(b)));
      }
      words.forEach(
          (word, count) -> {
            int index = texts.size();
            int[] text = ByteLevel.characters(word).chars().map(this::byteId).toArray();
            texts.add(text);
            lengths.add(text.length);
            counts.add(count);
            for (int i = 0; i + 1 < text.length; i++) {
              change(text[i], text[i + 1], count, index);
            }
          });
      pairs.values().forEach(pair -> queue.add(new Candidate(pair, pair.count)));
    }

    ByteLevelBpe run(int size) {
      // A set: where two merges give the same token, a pair can come up again.
      Set<ByteLevelBpe.Merge> merges = new LinkedHashSet<>();
      while (tokens.size() < size && !queue.isEmpty()) {
        Candidate best = queue.poll();
        Pair pair = best.pair();
        if (best.count() != pair.count) {
          // Stale: pairs are put back once a look at them shows that their count has fallen.
          queue.add(new Candidate(pair, pair.count));
          continue;
        }
        if (pair.count < 2) {
          break;
        }
        String left = tokens.get(pair.left);
        String right = tokens.get(pair.right);
        merges.add(new ByteLevelBpe.Merge(left, right));
        merge(pair, token(left + right));
      }
      return new ByteLevelBpe(List.copyOf(merges));
    }

    private int token(String text) {
      return ids.computeIfAbsent(
          text,
          t -> {
            tokens.add(t);
            return tokens.size() - 1;
          });
    }

    private int byteId(int character) {
      return ids.getOrDefault(String.valueOf((char) character), -1);
    }

    private void merge(Pair pair, int joined) {
      Map<Long, Pair> grown = new HashMap<>();
      for (int i = 0; i < pair.seen.size(); i++) {
        mergeIn(pair.seen.get(i), pair, joined, grown);
      }
      pairs.remove(key(pair.left, pair.right));
      grown.values().forEach(p -> queue.add(new Candidate(p, p.count)));
    }

    /** Joins the pair from left to right in one word, and moves its neighbours' counts. */
    private void mergeIn(int word, Pair pair, int joined, Map<Long, Pair> grown) {
      int[] text = texts.get(word);
      long count = counts.get(word);
      int length = lengths.get(word);
      int to = 0;
      for (int from = 0; from < length; to++) {
        boolean here = from + 1 < length && text[from] == pair.left && text[from + 1] == pair.right;
        if (!here) {
          text[to] = text[from++];
          continue;
        }
        change(pair.left, pair.right, -count, word);
        if (to > 0) {
          change(text[to - 1], pair.left, -count, word);
          add(text[to - 1], joined, count, word, grown);
        }
        if (from + 2 < length) {
          change(pair.right, text[from + 2], -count, word);
          add(joined, text[from + 2], count, word, grown);
        }
        text[to] = joined;
        from += 2;
      }
      lengths.set(word, to);
    }

    private void add(int left, int right, long count, int word, Map<Long, Pair> grown) {
      grown.put(key(left, right), change(left, right, count, word));
    }

    private Pair change(int left, int right, long by, int word) {
      Pair pair = pairs.computeIfAbsent(key(left, right), k -> new Pair(left, right));
      pair.count += by;
      if (by > 0 && (pair.seen.size() == 0 || pair.seen.last() != word)) {
        pair.seen.add(word);
      }
      return pair;
    }

    private static long key(int left, int right) {
      return ((long) left << 32) | right;
    }
  }

  /** A growing list of ints. */
  private static final class IntBag {
    private int[] values = new int[4];
    private int size;

    void add(int value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = value;
    }

    int get(int index) {
      return values[index];
    }

    void set(int index, int value) {
      values[index] = value;
    }

    int last() {
      return values[size - 1];
    }

    int size() {
      return size;
    }
  }
}
