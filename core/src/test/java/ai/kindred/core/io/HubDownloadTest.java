package ai.kindred.core.io;

import static ai.kindred.core.io.FakeHub.cutAfter;
import static ai.kindred.core.io.FakeHub.instead;
import static ai.kindred.core.io.FakeHub.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.io.HubDownload.File;
import ai.kindred.core.io.HubDownload.Observer;
import ai.kindred.core.io.HubDownload.Settings;
import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HubDownloadTest {

  private static final String WEIGHTS = "model.safetensors";
  private static final int SIZE = 5 << 20;

  @TempDir private Path folder;
  private final byte[] weights = new byte[SIZE];
  private FakeHub hub;

  @BeforeEach
  void startHub() throws IOException {
    Key.of(1).fold("weights").random().nextBytes(weights);
    hub = new FakeHub();
    hub.files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    hub.files.put(WEIGHTS, weights);
    hub.files.put("tokenizer.json", "{\"model\":{}}".getBytes(StandardCharsets.UTF_8));
    hub.files.put("empty.safetensors", new byte[0]);
  }

  @AfterEach
  void stopHub() {
    hub.close();
  }

  private HubDownload patient(int attempts) {
    return new HubDownload(
        new Settings(
            hub.uri(), Optional.empty(), Duration.ofSeconds(20), attempts, Duration.ofMillis(5)));
  }

  private List<File> fetch() throws IOException, InterruptedException {
    return patient(3).fetch("org/model", "main", folder, Observer.SILENT);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  private void assertWhole() throws IOException {
    for (var file : hub.files.entrySet()) {
      assertThat(folder.resolve(file.getKey())).hasBinaryContent(file.getValue());
    }
    assertThat(names()).hasSameSizeAs(hub.files.keySet());
  }

  @Test
  void fetchesWeightsFirstAndConfigLastAndNothingElse() throws Exception {
    hub.listing =
        listing("README.md", "onnx/model.onnx", "config.json", WEIGHTS, "pytorch_model.bin");
    List<File> files = fetch();
    assertThat(files).extracting(File::name).containsExactly(WEIGHTS, "config.json");
    assertThat(names()).containsExactly("config.json", WEIGHTS);
  }

  @Test
  void verifiesBothKindsOfChecksum() throws Exception {
    assertThat(fetch())
        .contains(
            new File(WEIGHTS, SIZE, "sha256:" + FakeHub.digest("SHA-256", weights), true),
            // The blob id that `git hash-object` prints for a file with the two characters {}.
            new File("config.json", 2, "git-sha1:9e26dfeeb6e641a33dae4961196235bdb965b21b", true));
    assertWhole();
  }

  @Test
  void secondCallFetchesNothing() throws Exception {
    fetch();
    hub.requests.clear();
    assertThat(fetch()).noneMatch(File::fetched);
    assertThat(hub.requests).containsExactly("GET main");
  }

  @Test
  void replacesFileOfOtherContent() throws Exception {
    Files.writeString(folder.resolve("config.json"), "[]");
    fetch();
    assertWhole();
  }

  @Test
  void resumesAfterDisconnects() throws Exception {
    hub.next(WEIGHTS, cutAfter(2 << 20), cutAfter(100_000));
    fetch();
    assertWhole();
    List<String> asked = hub.requests.stream().filter(r -> r.contains(WEIGHTS)).toList();
    assertThat(asked).hasSize(3);
    assertThat(asked.get(0)).isEqualTo("GET " + WEIGHTS);
    assertThat(asked.get(1)).matches("GET model.safetensors bytes=[1-9]\\d*-");
  }

  @Test
  void resumesInTheNextCall() throws Exception {
    hub.next(WEIGHTS, cutAfter(500_000));
    assertThatThrownBy(() -> patient(1).fetch("org/model", "main", folder, Observer.SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("model.safetensors of org/model: ")
        .hasMessageEndingWith("gave up after attempt 1");
    long present = Files.size(folder.resolve(WEIGHTS + ".part"));
    assertThat(present).isBetween(1L, 500_000L);
    assertThat(folder.resolve(WEIGHTS)).doesNotExist();
    assertThat(folder.resolve("config.json")).doesNotExist();
    fetch();
    assertThat(hub.requests).contains("GET %s bytes=%d-".formatted(WEIGHTS, present));
    assertWhole();
  }

  @Test
  void progressRenewsPatience() throws Exception {
    hub.next(WEIGHTS, cutAfter(1200_000), cutAfter(1200_000), cutAfter(1200_000));
    patient(2).fetch("org/model", "main", folder, Observer.SILENT);
    assertWhole();
  }

  @Test
  void startsOverWhenRangeIsIgnored() throws Exception {
    hub.next(WEIGHTS, cutAfter(500_000), FakeHub::ignoringRange);
    fetch();
    assertWhole();
  }

  @Test
  void startsOverWhenPartIsOfAnotherFile() throws Exception {
    Files.write(folder.resolve(WEIGHTS + ".part"), new byte[1000]);
    fetch();
    assertThat(hub.requests).contains("GET " + WEIGHTS + " bytes=1000-", "GET " + WEIGHTS);
    assertWhole();
  }

  @Test
  void startsOverWhenPartIsTooLongOrRefused() throws Exception {
    Files.write(folder.resolve(WEIGHTS + ".part"), new byte[SIZE + 1]);
    fetch();
    assertWhole();
    Files.delete(folder.resolve(WEIGHTS));
    Files.write(folder.resolve(WEIGHTS + ".part"), new byte[10]);
    hub.next(WEIGHTS, status(416));
    fetch();
    assertWhole();
  }

  @Test
  void givesUpOnWrongChecksum() throws Exception {
    hub.next(WEIGHTS, instead(new byte[SIZE]), instead(new byte[SIZE]), instead(new byte[SIZE]));
    assertThatThrownBy(this::fetch)
        .hasMessageStartingWith("model.safetensors has checksum ")
        .hasMessageContaining("the hub announced " + FakeHub.digest("SHA-256", weights));
    assertThat(names()).containsExactly("empty.safetensors");
  }

  @Test
  void recoversFromOneWrongChecksum() throws Exception {
    hub.next(WEIGHTS, instead(new byte[SIZE]));
    fetch();
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1})
  void givesUpOnWrongLength(int more) throws Exception {
    byte[] other = Arrays.copyOf(weights, SIZE + more);
    hub.next(WEIGHTS, instead(other), instead(other), instead(other));
    assertThatThrownBy(this::fetch)
        .hasMessage(
            "the hub sends %d bytes of model.safetensors but announced %d; gave up after attempt 3",
            SIZE + more, SIZE);
    assertThat(names()).containsExactly("empty.safetensors");
  }

  @Test
  void stopsAnEndlessBody() {
    hub.next(
        WEIGHTS,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 10; i++) {
            exchange.getResponseBody().write(content);
          }
        });
    assertThatThrownBy(this::fetch)
        .hasMessageContaining("the hub sends more than the announced " + SIZE + " bytes");
    assertThat(folder.resolve(WEIGHTS + ".part"))
        .satisfies(p -> assertThat(Files.size(p)).isLessThanOrEqualTo(SIZE));
  }

  @Test
  void silenceIsFailure() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    hub.next(
        WEIGHTS,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 50_000);
          exchange.getResponseBody().flush();
          await(never);
        });
    List<String> reasons = new ArrayList<>();
    Settings quick =
        new Settings(hub.uri(), Optional.empty(), Duration.ofMillis(1500), 3, Duration.ofMillis(5));
    new HubDownload(quick).fetch("org/model", "main", folder, reasons(reasons, new ArrayList<>()));
    assertThat(reasons)
        .containsExactly("model.safetensors of org/model: the hub fell silent for 1500 ms");
    assertWhole();
    never.countDown();
  }

  @Test
  void waitsAsLongAsTheHubAsks() throws Exception {
    hub.next(WEIGHTS, status(429, "Retry-After", "1"), status(503));
    List<Duration> waits = new ArrayList<>();
    patient(3).fetch("org/model", "main", folder, reasons(new ArrayList<>(), waits));
    assertThat(waits).containsExactly(Duration.ofSeconds(1), Duration.ofMillis(10));
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404, 400})
  void refusalsAreFinal(int code) {
    hub.next(WEIGHTS, status(code));
    assertThatThrownBy(this::fetch)
        .hasMessageStartingWith("model.safetensors of org/model: ")
        .hasMessageEndingWith("(HTTP %d)", code);
    assertThat(hub.requests.stream().filter(r -> r.contains(WEIGHTS))).hasSize(1);
  }

  @Test
  void unknownModelIsNamed() {
    hub.next("", status(404));
    assertThatThrownBy(this::fetch).hasMessage("org/model at revision main: not found (HTTP 404)");
    hub.next("", status(401));
    assertThatThrownBy(this::fetch)
        .hasMessage(
            "org/model at revision main: not allowed; a gated or private model needs its licence"
                + " accepted and a token (HTTP 401)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../config.json",
        "/etc/config.json",
        "a/../../config.json",
        "..",
        "a\\\\..\\\\config.json",
        "C:config.json",
        "config.json\\u0000",
        "con\\u001b[2Jfig.json",
        "",
        "a//b",
        ". ./x"
      })
  void hostileNamesCondemnTheList(String name) throws Exception {
    hub.listing = listing("config.json", WEIGHTS, name);
    assertThatThrownBy(this::fetch)
        .isInstanceOf(IOException.class)
        .hasMessageMatching(
            "org/model lists a file named '[^\\p{Cntrl}]*', which is not a safe .*");
    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "null", "[]", "{}", "{\"siblings\":3}", "{\"siblings\":[{}]}"})
  void malformedListIsRefused(String json) {
    assertThatThrownBy(
            () -> HubListing.parse("org/model", "main", json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("org/model");
  }

  @Test
  void deeplyNestedListIsRefused() {
    byte[] json = "[".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> HubListing.parse("org/model", "main", json))
        .hasMessageStartingWith("the hub's file list of org/model: over a limit: ");
  }

  @Test
  void saysWhatARepositoryHasInsteadOfWeights() {
    hub.listing = listing("config.json", "model.Q4_0.gguf");
    assertThatThrownBy(this::fetch)
        .hasMessage(
            "org/model at revision main has no safetensors weights; it has config.json,"
                + " model.Q4_0.gguf");
  }

  @Test
  void headersStandInForAListWithoutSizes() throws Exception {
    hub.listing =
        "{\"siblings\":[{\"rfilename\":\"config.json\"},{\"rfilename\":\"model.safetensors\"}]}";
    String hash = FakeHub.digest("SHA-256", weights);
    FakeHub.Answer head =
        (exchange, content) -> {
          exchange.getResponseHeaders().set("ETag", "\"" + hash + "\"");
          FakeHub.well(exchange, content);
        };
    hub.next(WEIGHTS, head, cutAfter(600_000));
    assertThat(fetch().get(0)).isEqualTo(new File(WEIGHTS, SIZE, "sha256:" + hash, true));
    assertThat(hub.requests.get(1)).isEqualTo("HEAD " + WEIGHTS);
    assertThat(hub.requests.get(3)).startsWith("GET " + WEIGHTS + " bytes=");
  }

  @Test
  void followsRedirectsWithoutTakingTheTokenAlong() throws Exception {
    List<String> seen = new ArrayList<>();
    try (FakeHub store = new FakeHub()) {
      store.files.put(WEIGHTS, weights);
      store.next(
          WEIGHTS,
          (exchange, content) -> {
            seen.add("store " + exchange.getRequestHeaders().getFirst("Authorization"));
            FakeHub.well(exchange, content);
          });
      hub.next(
          WEIGHTS,
          (exchange, content) -> {
            seen.add("hub " + exchange.getRequestHeaders().getFirst("Authorization"));
            status(302, "Location", store.uri() + "/org/model/resolve/x/" + WEIGHTS)
                .to(exchange, content);
          });
      Settings settings = patient(1).settings().withToken("secret");
      new HubDownload(settings).fetch("org/model", "main", folder, Observer.SILENT);
      assertThat(settings.toString()).doesNotContain("secret");
    }
    assertThat(seen).containsExactly("hub Bearer secret", "store null");
    assertWhole();
  }

  @Test
  void redirectLoopsAndForeignSchemesAreRefused() {
    FakeHub.Answer loop = status(302, "Location", "/org/model/resolve/main/" + WEIGHTS);
    hub.next(WEIGHTS, loop, loop, loop, loop, loop, loop);
    assertThatThrownBy(this::fetch).hasMessageEndingWith("more than 5 times");
    hub.next(WEIGHTS, status(302, "Location", "file:///etc/passwd"));
    assertThatThrownBy(this::fetch).hasMessageEndingWith("'file:///etc/passwd', refused");
  }

  @Test
  void aRevisionThatMovesIsNoticed() {
    hub.next(WEIGHTS, status(200, "X-Repo-Commit", "decaf"));
    assertThatThrownBy(this::fetch)
        .hasMessage(
            "revision main of org/model moved from c0ffee to decaf during the download; run it"
                + " again");
  }

  @Test
  void revisionIsOnePathSegment() throws Exception {
    patient(1).fetch("org/model", "refs/pr/1", folder, Observer.SILENT);
    assertThat(hub.requests.get(0)).isEqualTo("GET refs%2Fpr%2F1");
    assertWhole();
  }

  @Test
  void interruptionKeepsWhatArrived() throws Exception {
    CountDownLatch half = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    hub.next(
        WEIGHTS,
        (exchange, content) -> {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content, 0, 1 << 20);
          exchange.getResponseBody().flush();
          await(never);
        });
    Observer observer =
        new Observer() {
          private long received;

          @Override
          public void file(String name, long present, long total) {}

          @Override
          public void advance(long bytes) {
            received += bytes;
            if (received >= 900_000) {
              half.countDown();
            }
          }

          @Override
          public void retry(String name, String reason, Duration wait) {}
        };
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                patient(3).fetch("org/model", "main", folder, observer);
              } catch (IOException | InterruptedException e) {
                end.set(e);
              }
            });
    thread.start();
    assertThat(half.await(20, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    thread.join();
    never.countDown();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
    assertThat(Files.size(folder.resolve(WEIGHTS + ".part"))).isGreaterThanOrEqualTo(900_000);
    fetch();
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "a/b/c", "../model", "org/..", "org/mo del", "org/model?x", ""})
  void repositoryNamesAreChecked(String name) {
    assertThatThrownBy(() -> patient(1).fetch(name, "main", folder, Observer.SILENT))
        .hasMessage("model '" + name + "': expected ORG/NAME");
    assertThat(hub.requests).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://hub", "hub", "http:///x", "file:///etc"})
  void endpointsAreChecked(String address) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.defaults().withEndpoint(URI.create(address)))
        .withMessageStartingWith("hub endpoint '" + address + "'");
  }

  private static Observer reasons(List<String> reasons, List<Duration> waits) {
    return new Observer() {
      @Override
      public void file(String name, long present, long total) {}

      @Override
      public void advance(long bytes) {}

      @Override
      public void retry(String name, String reason, Duration wait) {
        reasons.add(reason);
        waits.add(wait);
      }
    };
  }

  /** A list in which every entry has the content that the hub serves under that name. */
  private String listing(String... names) {
    List<String> siblings = new ArrayList<>();
    for (String name : names) {
      int size = hub.files.getOrDefault(name, new byte[3]).length;
      siblings.add("{\"rfilename\":\"%s\",\"size\":%d}".formatted(name, size));
    }
    return "{\"siblings\":[" + String.join(",", siblings) + "]}";
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
