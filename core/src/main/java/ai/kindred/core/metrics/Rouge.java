package ai.kindred.core.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * ROUGE: the overlap of a candidate text with a reference. C.-Y. Lin, "ROUGE: A package for
 * automatic evaluation of summaries", 2004; the figures equal those of Google's Python package
 * rouge-score 0.1.2.
 *
 * <p>A text is lower-cased and cut into runs of {@code a-z} and {@code 0-9}; everything else,
 * letters of other scripts and accented ones included, only separates. A text without such a run
 * scores 0, also against itself. With {@code stem}, words longer than three characters are stemmed.
 *
 * <p>Cost is bounded: n-grams are linear in the texts, and a longest common subsequence that would
 * take more than 2^30 steps (about 260,000 words on both sides; some seconds) is refused.
 *
 * @param stem whether words are reduced by the Porter stemmer first (Super-NaturalInstructions and
 *     most summarisation papers do)
 */
public record Rouge(boolean stem) {
  // Not String.lines(): rouge-score splits at line feeds only, never at carriage returns.
  private static final Pattern LINE_FEED = Pattern.compile("\n", Pattern.LITERAL);
  private static final long MAX_STEPS = 1L << 30;
  // A pair of sentences costs about as much as this many tokens before its first token.
  private static final int PAIR_OVERHEAD = 16;

  /**
   * One ROUGE figure.
   *
   * @param precision share of the candidate's words or n-grams that the reference has, 0 to 1
   * @param recall share of the reference's that the candidate has, 0 to 1
   * @param f harmonic mean of the two, 0 where both are 0
   */
  public record Score(double precision, double recall, double f) {
    private static Score of(long hits, long candidate, long reference) {
      double precision = (double) hits / Math.max(candidate, 1);
      double recall = (double) hits / Math.max(reference, 1);
      double sum = precision + recall;
      return new Score(precision, recall, sum > 0 ? 2 * precision * recall / sum : 0);
    }
  }

  /** The four usual variants for one pair. */
  public record Scores(Score rouge1, Score rouge2, Score rougeL, Score rougeLsum) {}

  /** All four variants against one reference. */
  public Scores scores(String reference, String candidate) {
    return scores(List.of(reference), candidate);
  }

  /** All four variants; each takes the reference that gives it the highest F. */
  public Scores scores(List<String> references, String candidate) {
    return new Scores(
        best(references, candidate, (r, c) -> rougeN(1, r, c)),
        best(references, candidate, (r, c) -> rougeN(2, r, c)),
        best(references, candidate, this::rougeL),
        best(references, candidate, this::rougeLsum));
  }

  /**
   * Shared n-grams, each counted at most as often as either text has it.
   *
   * @param n length of the n-grams, 1 to 9
   */
  public Score rougeN(int n, String reference, String candidate) {
    if (n < 1 || n > 9) {
      throw new IllegalArgumentException("ROUGE-N needs n from 1 to 9, not " + n);
    }
    Map<List<String>, Integer> expected = ngrams(tokens(reference), n);
    Map<List<String>, Integer> found = ngrams(tokens(candidate), n);
    long hits = 0;
    for (Map.Entry<List<String>, Integer> entry : expected.entrySet()) {
      hits += Math.min(entry.getValue(), found.getOrDefault(entry.getKey(), 0));
    }
    return Score.of(hits, total(found), total(expected));
  }

  /** Longest common subsequence of the two texts, each taken as one sentence. */
  public Score rougeL(String reference, String candidate) {
    Map<String, Integer> vocabulary = new HashMap<>();
    int[] expected = ids(tokens(reference), vocabulary);
    int[] found = ids(tokens(candidate), vocabulary);
    checkSteps(new int[][] {expected}, new int[][] {found});
    return Score.of(
        new LongestCommonSubsequence(found).length(expected), found.length, expected.length);
  }

  /** ROUGE-L against the reference that gives the highest F: the instruction-task score. */
  public Score rougeL(List<String> references, String candidate) {
    return best(references, candidate, this::rougeL);
  }

  /**
   * Summary-level longest common subsequence: sentences are lines, and a reference sentence's hits
   * are the union of its subsequences with every candidate sentence, no word counted more often
   * than either text has it.
   */
  public Score rougeLsum(String reference, String candidate) {
    Map<String, Integer> vocabulary = new HashMap<>();
    int[][] expected = sentences(reference, vocabulary);
    int[][] found = sentences(candidate, vocabulary);
    checkSteps(expected, found);
    int[] left = new int[vocabulary.size()];
    int[] leftInReference = new int[vocabulary.size()];
    count(found, left);
    count(expected, leftInReference);
    List<LongestCommonSubsequence> candidates = new ArrayList<>();
    for (int[] sentence : found) {
      candidates.add(new LongestCommonSubsequence(sentence));
    }
    long hits = 0;
    for (int[] sentence : expected) {
      boolean[] union = new boolean[sentence.length];
      candidates.forEach(c -> c.mark(sentence, union));
      for (int i = 0; i < sentence.length; i++) {
        int token = sentence[i];
        if (union[i] && left[token] > 0 && leftInReference[token] > 0) {
          hits++;
          left[token]--;
          leftInReference[token]--;
        }
      }
    }
    return Score.of(hits, length(found), length(expected));
  }

  private static Score best(
      List<String> references, String candidate, BiFunction<String, String, Score> score) {
    if (references.isEmpty()) {
      throw new IllegalArgumentException("ROUGE needs at least one reference, the list is empty");
    }
    Score best = score.apply(references.get(0), candidate);
    for (String reference : references.subList(1, references.size())) {
      Score next = score.apply(reference, candidate);
      best = next.f() > best.f() ? next : best;
    }
    return best;
  }

  private List<String> tokens(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    List<String> tokens = new ArrayList<>();
    int start = -1;
    for (int i = 0; i <= lower.length(); i++) {
      char c = i < lower.length() ? lower.charAt(i) : ' ';
      boolean inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (inside && start < 0) {
        start = i;
      } else if (!inside && start >= 0) {
        String token = lower.substring(start, i);
        tokens.add(stem && token.length() > 3 ? PorterStemmer.stem(token) : token);
        start = -1;
      }
    }
    return tokens;
  }

  private int[][] sentences(String text, Map<String, Integer> vocabulary) {
    return LINE_FEED
        .splitAsStream(text)
        .map(line -> ids(tokens(line), vocabulary))
        .filter(ids -> ids.length > 0)
        .toArray(int[][]::new);
  }

  private static int[] ids(List<String> tokens, Map<String, Integer> vocabulary) {
    return tokens.stream()
        .mapToInt(token -> vocabulary.computeIfAbsent(token, t -> vocabulary.size()))
        .toArray();
  }

  private static Map<List<String>, Integer> ngrams(List<String> tokens, int n) {
    Map<List<String>, Integer> counts = new HashMap<>();
    for (int i = 0; i + n <= tokens.size(); i++) {
      counts.merge(tokens.subList(i, i + n), 1, Integer::sum);
    }
    return counts;
  }

  private static long total(Map<List<String>, Integer> counts) {
    return counts.values().stream().mapToLong(count -> count).sum();
  }

  private static void count(int[][] sentences, int[] counts) {
    for (int[] sentence : sentences) {
      for (int token : sentence) {
        counts[token]++;
      }
    }
  }

  private static long length(int[][] sentences) {
    long length = 0;
    for (int[] sentence : sentences) {
      length += sentence.length;
    }
    return length;
  }

  private static void checkSteps(int[][] reference, int[][] candidate) {
    long words = 0;
    for (int[] sentence : candidate) {
      words += (sentence.length + 63) / 64;
    }
    long steps = (length(reference) + (reference.length - 1L) * PAIR_OVERHEAD) * words;
    if (steps > MAX_STEPS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "ROUGE-L of a reference of %,d words in %,d lines and a candidate of %,d words in"
                  + " %,d lines would take %,d steps, more than the limit of %,d: score the texts"
                  + " in parts",
              length(reference),
              reference.length,
              length(candidate),
              candidate.length,
              steps,
              MAX_STEPS));
    }
  }
}
