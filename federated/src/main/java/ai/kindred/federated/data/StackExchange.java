package ai.kindred.federated.data;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.network.Labelled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;

/**
 * Posts of Stack Exchange sites. A user of a site is a client; whether a post asks or answers is
 * predicted from the words of its text. Titles and tags, which only questions have, are left out.
 *
 * <p>The vocabulary is counted over all posts together, as every reader of such data does; in a
 * deployment it would have to be public or found privately.
 */
public final class StackExchange {

  private static final Pattern MARKUP = Pattern.compile("<[^>]*>|&[a-z]+;");
  private static final Pattern NO_WORD = Pattern.compile("[^a-z']+");
  private static final int MOST_WORDS = 1 << 16;
  private static final long MOST_BYTES = 1L << 30;

  private StackExchange() {}

  private record Post(String user, boolean question, Set<String> words) {}

  /**
   * Questions and answers with an owner, [n, words]: which of the commonest words occur.
   *
   * @param folder a folder for each site, each with {@code Posts.xml} of the public data dump,
   *     plain or gzipped
   * @param words size of the vocabulary, 1 to 65536
   */
  public static FederatedData<Labelled> read(Path folder, int words) throws IOException {
    if (words < 1 || words > MOST_WORDS) {
      throw new IllegalArgumentException("1 to %d words, not %d".formatted(MOST_WORDS, words));
    }
    List<Post> posts = new ArrayList<>();
    for (Path site : sites(folder)) {
      String name = String.valueOf(site.getFileName());
      PostsXml.read(
          postsFile(site),
          (owner, question, html) ->
              posts.add(new Post(name + "/" + owner, question, words(html))));
    }
    if (posts.isEmpty() || (long) posts.size() * words > MOST_BYTES) {
      throw new MalformedFileException(
          folder,
          "%d posts of %d words; there have to be some, and %d bytes can be held"
              .formatted(posts.size(), words, MOST_BYTES));
    }
    Map<String, Integer> vocabulary = commonest(posts, words);
    int width = vocabulary.size();
    ByteBuffer features = ByteBuffer.allocateDirect(posts.size() * width);
    int[] labels = new int[posts.size()];
    List<String> users = new ArrayList<>();
    for (Post post : posts) {
      int row = users.size() * width;
      for (String word : post.words()) {
        Integer place = vocabulary.get(word);
        if (place != null) {
          features.put(row + place, (byte) 1);
        }
      }
      labels[users.size()] = post.question() ? 1 : 0;
      users.add(post.user());
    }
    return new FederatedData<>(
        new Labelled(
            Tensor.of(features, DType.UINT8, posts.size(), width), FederatedData.tensor(labels)),
        labels,
        List.of("answer", "question"),
        Partitions.natural(users));
  }

  private static List<Path> sites(Path folder) throws IOException {
    List<Path> sites = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
      for (Path site : found) {
        if (Files.exists(postsFile(site))) {
          sites.add(site);
        }
      }
    }
    if (sites.isEmpty()) {
      throw new NoSuchFileException(
          folder.toString(), null, "no folder in it has a Posts.xml or Posts.xml.gz");
    }
    Collections.sort(sites);
    return sites;
  }

  private static Path postsFile(Path site) {
    Path gzipped = site.resolve("Posts.xml.gz");
    return Files.exists(gzipped) ? gzipped : site.resolve("Posts.xml");
  }

  /** The different words of a post's HTML, in lower case, two letters or more. */
  static Set<String> words(String html) {
    String text = MARKUP.matcher(html).replaceAll(" ").toLowerCase(Locale.ROOT);
    Set<String> words = new TreeSet<>();
    for (String word : NO_WORD.split(text, -1)) {
      if (word.length() > 1) {
        words.add(word);
      }
    }
    return words;
  }

  private static Map<String, Integer> commonest(List<Post> posts, int words) {
    Map<String, Integer> counts = new HashMap<>();
    posts.forEach(p -> p.words().forEach(w -> counts.merge(w, 1, Integer::sum)));
    ToIntFunction<Map.Entry<String, Integer>> count = Map.Entry::getValue;
    Map<String, Integer> places = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Comparator.comparingInt(count).reversed().thenComparing(Map.Entry::getKey))
        .limit(words)
        .forEach(e -> places.put(e.getKey(), places.size()));
    return places;
  }
}
