package ai.kindred.core.io;

import ai.kindred.core.io.HubDownload.Observer;
import ai.kindred.core.io.HubDownload.Settings;
import ai.kindred.core.io.HubListing.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One request to a hub at a time: redirects, ranges, silence, and what a status code means. */
final class HubClient {

  private static final int MAX_REDIRECTS = 5;
  private static final long MAX_LISTING_BYTES = 32L << 20;
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

  private final Settings settings;
  private final HttpClient http;

  HubClient(Settings settings) {
    this.settings = settings;
    // Redirects are followed by hand: the token must not travel to another host.
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeout())
            .build();
  }

  /** A small document as a whole. */
  byte[] get(String path, String what) throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    HubResponse response =
        send(
            "GET",
            path,
            OptionalLong.empty(),
            what,
            info -> new HubBody(bytes, MAX_LISTING_BYTES, n -> {}));
    if (response.status() != 200) {
      throw refusal(response, what);
    }
    return bytes.toByteArray();
  }

  /** What a HEAD request tells of a file whose size or checksum the list leaves out, if it does. */
  Entry describe(HubListing listing, Entry entry) throws IOException, InterruptedException {
    HubResponse head =
        send(
            "HEAD",
            path(listing, entry),
            OptionalLong.empty(),
            what(listing, entry),
            info -> new HubBody(OutputStream.nullOutputStream(), 0, n -> {}));
    return head.status() == 200
        ? entry.completed(head.headers().firstValueAsLong("Content-Length"), head.hash())
        : entry;
  }

  private static String what(HubListing listing, Entry entry) {
    return entry.name() + " of " + listing.repository();
  }

  private static String path(HubListing listing, Entry entry) {
    return "/"
        + listing.repository()
        + "/resolve/"
        + encode(listing.revision())
        + "/"
        + encode(entry.name());
  }

  /**
   * Fetches what {@code part} lacks of a file.
   *
   * @return the entry with what the response told besides
   */
  Entry download(HubListing listing, Entry entry, FileChannel part, Observer observer)
      throws IOException, InterruptedException {
    // Bytes without a checksum cannot be told from those of another revision: start afresh.
    long present = entry.verifiable() ? part.size() : 0;
    long size = entry.size().orElse(-1);
    if (entry.verifiable() && present == size) {
      observer.file(entry.name(), present, size);
      return entry;
    }
    if (entry.verifiable() && present > size) {
      present = 0;
    }
    String what = what(listing, entry);
    String path = path(listing, entry);
    FileBody body = new FileBody(listing, entry, part, present, observer);
    OptionalLong from = present > 0 ? OptionalLong.of(present) : OptionalLong.empty();
    HubResponse response = send("GET", path, from, what, body::accept);
    if (response.status() == 416) {
      part.truncate(0);
      throw new HubException("the hub refused to resume " + what, true);
    }
    if (response.status() != 200 && response.status() != 206) {
      throw refusal(response, what);
    }
    return body.known;
  }

  /** Decides from the headers where the body goes, and writes it there. */
  private static final class FileBody {
    private final HubListing listing;
    private final FileChannel part;
    private final long present;
    private final Observer observer;
    private volatile Entry known;

    FileBody(HubListing listing, Entry entry, FileChannel part, long present, Observer observer) {
      this.listing = listing;
      this.known = entry;
      this.part = part;
      this.present = present;
      this.observer = observer;
    }

    HubBody accept(HubResponse response) throws IOException {
      long start = response.status() == 206 ? rangeStart(response) : 0;
      OptionalLong length = response.headers().firstValueAsLong("Content-Length");
      OptionalLong total =
          length.isPresent() ? OptionalLong.of(start + length.getAsLong()) : OptionalLong.empty();
      Entry entry = known.completed(total, response.hash());
      known = entry;
      checkCommit(response);
      if (entry.size().isEmpty()) {
        throw new HubException(
            "the hub tells no size of " + entry.name() + ": a cut file would go unseen", false);
      }
      long size = entry.size().getAsLong();
      if (total.isPresent() && total.getAsLong() != size) {
        throw new HubException(
            "the hub sends %d bytes of %s but announced %d"
                .formatted(total.getAsLong(), entry.name(), size),
            true);
      }
      part.truncate(start);
      part.position(start);
      observer.file(entry.name(), start, size);
      return new HubBody(Channels.newOutputStream(part), size - start, observer::advance);
    }

    private long rangeStart(HubResponse response) throws IOException {
      String range = response.headers().firstValue("Content-Range").orElse("");
      Matcher matcher = CONTENT_RANGE.matcher(range);
      if (!matcher.matches() || !matcher.group(1).equals(Long.toString(present))) {
        throw new HubException(
            "asked for %s from byte %d, the hub sends '%s'".formatted(known.name(), present, range),
            true);
      }
      return present;
    }

    private void checkCommit(HubResponse response) throws IOException {
      Optional<String> now = response.commit();
      if (now.isPresent() && listing.commit().isPresent() && !now.equals(listing.commit())) {
        throw new HubException(
            "revision %s of %s moved from %s to %s during the download; run it again"
                .formatted(
                    listing.revision(), listing.repository(), listing.commit().get(), now.get()),
            false);
      }
    }
  }

  private HubResponse send(
      String method, String path, OptionalLong from, String what, HubExchange.Target target)
      throws IOException, InterruptedException {
    String base = settings.endpoint().toString().replaceAll("/+$", "");
    URI uri = URI.create(base + path);
    HubResponse redirect = null;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HubResponse response = exchange(method, uri, from, what, target, redirect);
      if (response.status() / 100 != 3) {
        return response;
      }
      URI next = uri.resolve(location(response, what));
      if (next.getHost() == null
          || !(next.getScheme().equals("https") || next.getScheme().equals(uri.getScheme()))) {
        throw new HubException("the hub redirects " + what + " to '" + next + "', refused", false);
      }
      uri = next;
      redirect = response;
    }
    throw new HubException("the hub redirects " + what + " more than 5 times", false);
  }

  private static URI location(HubResponse response, String what) throws IOException {
    String location = response.headers().firstValue("Location").orElse("");
    try {
      return URI.create(location);
    } catch (IllegalArgumentException e) {
      throw new HubException("the hub redirects " + what + " to '" + location + "'", false);
    }
  }

  private HubResponse exchange(
      String method,
      URI uri,
      OptionalLong from,
      String what,
      HubExchange.Target target,
      @Nullable HubResponse redirect)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(settings.timeout())
            .header("User-Agent", "kindred");
    from.ifPresent(start -> request.header("Range", "bytes=" + start + "-"));
    if (settings.token().isPresent() && sameOrigin(uri, settings.endpoint())) {
      request.header("Authorization", "Bearer " + settings.token().get());
    }
    HubExchange exchange = new HubExchange(target, sameOrigin(uri, settings.endpoint()), redirect);
    CompletableFuture<HttpResponse<HubResponse>> future =
        http.sendAsync(request.build(), exchange::subscriber);
    return exchange.await(future, settings.timeout(), what);
  }

  private static boolean sameOrigin(URI a, URI b) {
    return a.getScheme().equals(b.getScheme())
        && a.getHost().equals(b.getHost())
        && a.getPort() == b.getPort();
  }

  private static HubException refusal(HubResponse response, String what) {
    int status = response.status();
    String hint =
        switch (status) {
          case 401, 403 ->
              "not allowed; a gated or private model needs its licence accepted and a token";
          case 404 -> "not found";
          case 429 -> "too many requests";
          default -> status >= 500 ? "the hub is in trouble" : "unexpected";
        };
    boolean again = status == 408 || status == 429 || status >= 500;
    Duration asked =
        response.headers().firstValue("Retry-After").map(HubClient::delay).orElse(Duration.ZERO);
    return new HubException(
        "%s: %s (HTTP %d)".formatted(what, hint, status), again, false, asked, null);
  }

  /** A Retry-After header: seconds or a date. */
  private static Duration delay(String header) {
    if (header.matches("\\d{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(header));
    }
    try {
      ZonedDateTime until = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME);
      Duration wait = Duration.between(Instant.now(), until.toInstant());
      return wait.isNegative() ? Duration.ZERO : wait;
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }

  /** A path segment, percent-encoded. */
  static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
