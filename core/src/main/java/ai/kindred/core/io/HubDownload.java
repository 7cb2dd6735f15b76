package ai.kindred.core.io;

import ai.kindred.core.io.HubListing.Entry;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Downloads a language model's folder from a Hugging Face hub: configuration, tokenizer, chat
 * template and safetensors weights, nothing else.
 *
 * <p>A file grows as {@code NAME.part} and gets its name when its length and checksum are right, so
 * a name in the folder is a whole file. An interrupted download goes on where it stopped. {@code
 * config.json} comes last: a folder that has it is complete.
 *
 * @param settings where from, and how patiently
 */
public record HubDownload(Settings settings) {

  /** The public hub. */
  public static final URI PUBLIC_HUB = URI.create("https://huggingface.co");

  /**
   * Where from, and how patiently.
   *
   * @param endpoint the hub's http or https address; a path is kept as prefix
   * @param token sent to the endpoint's host only; needed for gated and private models
   * @param timeout for connecting, and for each silence of the server
   * @param attempts how often a request is tried, at least 1; an attempt that brings at least a
   *     mebibyte does not count
   * @param backoff wait before the second attempt; doubles for each further one. A server that asks
   *     for a longer wait (Retry-After) gets it, up to five minutes.
   */
  public record Settings(
      URI endpoint, Optional<String> token, Duration timeout, int attempts, Duration backoff) {

    /** Checks the ranges. */
    public Settings {
      String scheme = String.valueOf(endpoint.getScheme());
      if (!scheme.matches("https?") || endpoint.getHost() == null || endpoint.getQuery() != null) {
        throw new IllegalArgumentException(
            "hub endpoint '" + endpoint + "': expected an address such as " + PUBLIC_HUB);
      }
      if (attempts < 1 || timeout.isNegative() || timeout.isZero() || backoff.isNegative()) {
        throw new IllegalArgumentException(
            "attempts %d, timeout %s, backoff %s: expected at least 1, above 0, at least 0"
                .formatted(attempts, timeout, backoff));
      }
    }

    /** The public hub without a token, 30 s of patience, 6 attempts. */
    public static Settings defaults() {
      return new Settings(
          PUBLIC_HUB, Optional.empty(), Duration.ofSeconds(30), 6, Duration.ofSeconds(1));
    }

    /** These settings with another hub. */
    public Settings withEndpoint(URI hub) {
      return new Settings(hub, token, timeout, attempts, backoff);
    }

    /** These settings with an access token. */
    public Settings withToken(String secret) {
      return new Settings(endpoint, Optional.of(secret), timeout, attempts, backoff);
    }

    /** Says whether there is a token, never which. */
    @Override
    public String toString() {
      return endpoint + (token.isPresent() ? " with a token" : "");
    }
  }

  /**
   * A file of the finished folder.
   *
   * @param name its name in the folder
   * @param bytes its length
   * @param checksum {@code sha256:...} or {@code git-sha1:...} as verified; empty where the hub
   *     gave none
   * @param fetched whether anything of it had to be downloaded now
   */
  public record File(String name, long bytes, String checksum, boolean fetched) {}

  /** Hears of progress, in the downloading thread or the network's. */
  public interface Observer {

    /** Hears nothing. */
    Observer SILENT =
        new Observer() {
          @Override
          public void file(String name, long present, long total) {}

          @Override
          public void advance(long bytes) {}

          @Override
          public void retry(String name, String reason, Duration wait) {}
        };

    /** A file starts or starts again, with this many of its bytes here already. */
    void file(String name, long present, long total);

    /** So many more bytes of the current file. */
    void advance(long bytes);

    /** A request failed and is tried again after a wait. */
    void retry(String name, String reason, Duration wait);
  }

  /**
   * Makes {@code folder} hold the model.
   *
   * @param repository {@code ORG/NAME}
   * @param revision branch, tag or commit
   * @param folder made if absent; files of other names stay, files of these names are replaced when
   *     their length or checksum differs
   * @return the files, in the order of download
   * @throws IOException if the hub refuses, lists hostile names, keeps failing, or serves something
   *     other than it announced; or if the folder cannot be written. What has arrived stays for the
   *     next call.
   * @throws InterruptedException if the thread is interrupted; what has arrived stays too
   */
  public List<File> fetch(String repository, String revision, Path folder, Observer observer)
      throws IOException, InterruptedException {
    HubClient client = new HubClient(settings);
    HubListing listing =
        attempt("the file list", observer, () -> HubListing.read(client, repository, revision));
    Files.createDirectories(folder);
    requireSpace(listing, folder);
    List<File> done = new ArrayList<>();
    for (Entry listed : listing.files()) {
      Entry entry =
          listed.verifiable()
              ? listed
              : attempt(listed.name(), observer, () -> client.describe(listing, listed));
      done.add(fetch(client, listing, entry, folder, observer));
    }
    return List.copyOf(done);
  }

  private File fetch(
      HubClient client, HubListing listing, Entry listed, Path folder, Observer observer)
      throws IOException, InterruptedException {
    Path target = folder.resolve(listed.name());
    if (listed.verifiable() && Files.isRegularFile(target) && listed.problem(target).isEmpty()) {
      long bytes = Files.size(target);
      observer.file(listed.name(), bytes, bytes);
      return new File(listed.name(), bytes, listed.checksum(), false);
    }
    Path part = part(folder, listed);
    try {
      return fetch(client, listing, listed, part, target, observer);
    } catch (IOException | InterruptedException e) {
      if (Files.exists(part) && Files.size(part) == 0) {
        Files.delete(part);
      }
      throw e;
    }
  }

  private File fetch(
      HubClient client, HubListing listing, Entry listed, Path part, Path target, Observer observer)
      throws IOException, InterruptedException {
    try (FileChannel channel =
            FileChannel.open(
                part,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock = lock(channel, part)) {
      Entry whole =
          attempt(
              listed.name(),
              observer,
              () -> {
                Entry known = client.download(listing, listed, channel, observer);
                verify(known, part, channel);
                return known;
              });
      channel.force(true);
      long bytes = channel.size();
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new File(whole.name(), bytes, whole.checksum(), lock.isValid());
    }
  }

  private static Path part(Path folder, Entry entry) {
    return folder.resolve(entry.name() + ".part");
  }

  /** Fails before the first byte rather than after an hour. */
  private static void requireSpace(HubListing listing, Path folder) throws IOException {
    long missing = 0;
    for (Entry entry : listing.files()) {
      Path target = folder.resolve(entry.name());
      Path part = part(folder, entry);
      long size = entry.size().orElse(0);
      long present = Files.exists(part) ? Files.size(part) : 0;
      boolean whole = Files.exists(target) && Files.size(target) == size;
      missing = Math.addExact(missing, whole ? 0 : Math.max(0, size - present));
    }
    long free = Files.getFileStore(folder).getUsableSpace();
    if (missing > free) {
      throw new IOException(
          "%s needs %d MB in %s, which has %d MB free"
              .formatted(listing.repository(), missing >> 20, folder, free >> 20));
    }
  }

  /** A wrong checksum condemns every byte of the part. */
  private static void verify(Entry entry, Path part, FileChannel channel) throws IOException {
    Optional<String> problem = entry.problem(part);
    if (problem.isPresent()) {
      channel.truncate(0);
      throw new HubException(problem.get(), true);
    }
  }

  private static FileLock lock(FileChannel channel, Path part) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException(part + " is being written by another download");
    }
    return lock;
  }

  private interface Request<T> {
    T run() throws IOException, InterruptedException;
  }

  private <T> T attempt(String what, Observer observer, Request<T> request)
      throws IOException, InterruptedException {
    int failures = 0;
    while (true) {
      try {
        return request.run();
      } catch (HubException e) {
        failures = e.progressed() ? 1 : failures + 1;
        if (!e.transientFailure()) {
          throw e;
        }
        if (failures >= settings.attempts()) {
          throw new IOException(e.getMessage() + "; gave up after attempt " + failures, e);
        }
        Duration wait = e.wait(settings.backoff().multipliedBy(1L << Math.min(failures - 1, 16)));
        observer.retry(what, String.valueOf(e.getMessage()), wait);
        Thread.sleep(wait.toMillis());
      }
    }
  }
}
