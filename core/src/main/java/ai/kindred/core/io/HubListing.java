package ai.kindred.core.io;

import ai.kindred.core.config.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What a hub says a repository holds at a revision, reduced to the files of a model's folder.
 *
 * @param repository {@code ORG/NAME}
 * @param revision as asked for
 * @param commit the commit that the list was made of, if the hub told
 * @param files weights first, {@code config.json} last
 */
record HubListing(String repository, String revision, Optional<String> commit, List<Entry> files) {

  private static final String CONFIG = "config.json";

  /** A petabyte: what claims more is no size. */
  private static final long MAX_BYTES = 1L << 50;

  private static final Pattern REPOSITORY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}");
  private static final Pattern REVISION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]{0,199}");

  /** Names that a model's folder is made of. */
  private static final Pattern WANTED =
      Pattern.compile(
          "config\\.json|generation_config\\.json|tokenizer\\.json|tokenizer_config\\.json"
              + "|special_tokens_map\\.json|added_tokens\\.json|vocab\\.(json|txt)|merges\\.txt"
              + "|tokenizer\\.model|spiece\\.model|chat_template\\.(jinja|json)"
              + "|LICENSE(\\.txt|\\.md)?|[^/]+\\.safetensors(\\.index\\.json)?",
          Pattern.CASE_INSENSITIVE);

  /** Letters, digits and harmless punctuation: what file names of real repositories consist of. */
  private static final Pattern HARMLESS = Pattern.compile("[\\p{L}\\p{N} ._+,=@()\\[\\]-]+");

  /**
   * A file: its name and what is known of its content.
   *
   * @param hash 64 hex digits of SHA-256, or 40 of git's blob SHA-1
   */
  record Entry(String name, OptionalLong size, Optional<String> hash) {

    boolean verifiable() {
      return size.isPresent() && hash.isPresent();
    }

    /** This entry, with what a response's headers add where the list was silent. */
    Entry completed(OptionalLong headerSize, Optional<String> headerHash) {
      return new Entry(
          name, size.isPresent() ? size : headerSize, hash.isPresent() ? hash : headerHash);
    }

    String checksum() {
      return hash.map(h -> (h.length() == 64 ? "sha256:" : "git-sha1:") + h).orElse("");
    }

    /** Why this file is not what the hub announced, if so; reads the whole file. */
    Optional<String> problem(Path file) throws IOException {
      long length = Files.size(file);
      if (size.isPresent() && size.getAsLong() != length) {
        return Optional.of(
            "%s has %d bytes, the hub announced %d".formatted(name, length, size.getAsLong()));
      }
      if (hash.isEmpty()) {
        return Optional.empty();
      }
      String found = digest(file, length, hash.get().length() == 64);
      return found.equals(hash.get())
          ? Optional.empty()
          : Optional.of(
              "%s has checksum %s, the hub announced %s".formatted(name, found, hash.get()));
    }

    private static String digest(Path file, long length, boolean sha256) throws IOException {
      MessageDigest digest;
      try {
        digest = MessageDigest.getInstance(sha256 ? "SHA-256" : "SHA-1");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has SHA-1 and SHA-256", e);
      }
      if (!sha256) {
        digest.update(("blob " + length + "\0").getBytes(StandardCharsets.US_ASCII));
      }
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  static HubListing read(HubClient client, String repository, String revision)
      throws IOException, InterruptedException {
    if (!REPOSITORY.matcher(repository).matches() || repository.contains("..")) {
      throw new IOException("model '" + repository + "': expected ORG/NAME");
    }
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw new IOException("revision '" + revision + "': expected a branch, tag or commit");
    }
    String path = "/api/models/" + repository + "/revision/" + HubClient.encode(revision);
    byte[] body = client.get(path + "?blobs=true", repository + " at revision " + revision);
    return parse(repository, revision, body);
  }

  static HubListing parse(String repository, String revision, byte[] body) throws IOException {
    JsonNode root = Json.parse(body, "the hub's file list of " + repository, Json.Limits.LARGE);
    JsonNode siblings = root.path("siblings");
    if (!siblings.isArray()) {
      throw new IOException("the hub's answer for " + repository + " has no list 'siblings'");
    }
    List<Entry> files = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (JsonNode sibling : siblings) {
      String name = sibling.path("rfilename").asText();
      refuseHostile(repository, name);
      if (WANTED.matcher(name).matches()) {
        files.add(entry(name, sibling));
      } else {
        others.add(name);
      }
    }
    requireModel(repository + " at revision " + revision, files, others);
    files.sort(
        Comparator.comparing((Entry e) -> e.name().equals(CONFIG))
            .thenComparing(e -> !e.name().endsWith(".safetensors"))
            .thenComparing(Entry::name));
    JsonNode sha = root.path("sha");
    return new HubListing(
        repository,
        revision,
        sha.isTextual() ? Optional.of(sha.asText()) : Optional.empty(),
        List.copyOf(files));
  }

  private static Entry entry(String name, JsonNode sibling) {
    JsonNode large = sibling.path("lfs");
    JsonNode size = large.has("size") ? large.path("size") : sibling.path("size");
    JsonNode hash = large.has("sha256") ? large.path("sha256") : sibling.path("blobId");
    return new Entry(
        name,
        size.canConvertToLong() && size.asLong() >= 0 && size.asLong() < MAX_BYTES
            ? OptionalLong.of(size.asLong())
            : OptionalLong.empty(),
        large.isObject() && !large.has("sha256") ? Optional.empty() : hash(hash.asText()));
  }

  /** A checksum in lower case, if the text is one that can be verified. */
  static Optional<String> hash(String text) {
    String hash = text.toLowerCase(Locale.ROOT);
    return hash.matches("[0-9a-f]{40}|[0-9a-f]{64}") ? Optional.of(hash) : Optional.empty();
  }

  /** One hostile name condemns the list: a repository that holds it is not to be trusted. */
  private static void refuseHostile(String repository, String name) throws IOException {
    for (String segment : name.split("/", -1)) {
      if (!HARMLESS.matcher(segment).matches() || segment.matches("[. ]+") || name.length() > 400) {
        throw new IOException(
            "%s lists a file named '%s', which is not a safe relative name: nothing was downloaded"
                .formatted(repository, printable(name)));
      }
    }
  }

  private static String printable(String name) {
    String cut = name.length() > 80 ? name.substring(0, 80) + "..." : name;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }

  private static void requireModel(String where, List<Entry> files, List<String> others)
      throws IOException {
    boolean config = files.stream().anyMatch(e -> e.name().equals(CONFIG));
    boolean weights = files.stream().anyMatch(e -> e.name().endsWith(".safetensors"));
    if (!config || !weights) {
      throw new IOException(
          "%s has no %s; it has %s"
              .formatted(
                  where,
                  config ? "safetensors weights" : CONFIG,
                  others.isEmpty() && files.isEmpty() ? "no files" : some(files, others)));
    }
    long distinct = files.stream().map(e -> e.name().toLowerCase(Locale.ROOT)).distinct().count();
    if (distinct != files.size()) {
      throw new IOException(where + " lists one file name twice");
    }
  }

  private static String some(List<Entry> files, List<String> others) {
    List<String> names = new ArrayList<>(files.stream().map(Entry::name).toList());
    names.addAll(others);
    int shown = Math.min(8, names.size());
    String more = names.size() > shown ? " and " + (names.size() - shown) + " more" : "";
    return String.join(", ", names.subList(0, shown)) + more;
  }
}
