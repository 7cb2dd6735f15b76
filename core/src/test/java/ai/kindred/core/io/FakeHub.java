package ai.kindred.core.io;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A hub on this machine that holds {@code org/model} and fails as told. */
final class FakeHub implements AutoCloseable {

  /** How to answer one request for a file. */
  interface Answer {
    void to(HttpExchange exchange, byte[] content) throws IOException;
  }

  final List<String> requests = new ArrayList<>();
  final Map<String, byte[]> files = new LinkedHashMap<>();

  /** Answers to be given, one each, before the hub behaves well; by file name. */
  final Map<String, Deque<Answer>> misbehaviour = new LinkedHashMap<>();

  /** Replaces the file list if set. */
  String listing = "";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  FakeHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void next(String name, Answer... answers) {
    misbehaviour.computeIfAbsent(name, n -> new ArrayDeque<>()).addAll(List.of(answers));
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String range = exchange.getRequestHeaders().getFirst("Range");
    String name = path.substring(path.lastIndexOf('/') + 1);
    boolean list = path.startsWith("/api/models/org/model/revision/");
    byte[] content =
        list ? list().getBytes(StandardCharsets.UTF_8) : files.getOrDefault(name, new byte[0]);
    Answer answer;
    synchronized (this) {
      requests.add(exchange.getRequestMethod() + " " + name + (range == null ? "" : " " + range));
      Deque<Answer> queue = misbehaviour.getOrDefault(list ? "" : name, new ArrayDeque<>());
      answer = queue.isEmpty() ? FakeHub::well : queue.pop();
    }
    try (exchange) {
      if (list || (path.startsWith("/org/model/resolve/") && files.containsKey(name))) {
        answer.to(exchange, content);
      } else {
        status(404).to(exchange, content);
      }
    }
  }

  /** As the hub's model-info interface lists files: hashes of git, or of SHA-256 for large ones. */
  private String list() {
    if (!listing.isEmpty()) {
      return listing;
    }
    List<String> siblings = new ArrayList<>();
    files.forEach(
        (name, content) -> {
          String lfs =
              name.endsWith(".safetensors")
                  ? ",\"lfs\":{\"sha256\":\"%s\",\"size\":%d,\"pointerSize\":134}"
                      .formatted(digest("SHA-256", content), content.length)
                  : "";
          siblings.add(
              "{\"rfilename\":\"%s\",\"size\":%d,\"blobId\":\"%s\"%s}"
                  .formatted(name, content.length, gitBlob(content), lfs));
        });
    return "{\"sha\":\"c0ffee\",\"siblings\":[" + String.join(",", siblings) + "]}";
  }

  static void well(HttpExchange exchange, byte[] content) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
    if (start > 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    int rest = content.length - start;
    exchange.sendResponseHeaders(start > 0 ? 206 : 200, rest == 0 ? -1 : rest);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(content, start, rest);
    }
  }

  /** Announces everything, sends so many bytes and hangs up. */
  static Answer cutAfter(int bytes) {
    return (exchange, content) -> {
      String range = exchange.getRequestHeaders().getFirst("Range");
      int start = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
      if (start > 0) {
        exchange
            .getResponseHeaders()
            .set(
                "Content-Range",
                "bytes %d-%d/%d".formatted(start, content.length - 1, content.length));
      }
      exchange.sendResponseHeaders(start > 0 ? 206 : 200, content.length - start);
      exchange.getResponseBody().write(content, start, bytes);
      exchange.getResponseBody().flush();
    };
  }

  /** As if the request had no Range header. */
  static void ignoringRange(HttpExchange exchange, byte[] content) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(content);
    }
  }

  static Answer status(int code, String... headers) {
    return (exchange, content) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(code, -1);
    };
  }

  /** Other bytes than the file's, well sent. */
  static Answer instead(byte[] other) {
    return (exchange, content) -> ignoringRange(exchange, other);
  }

  static String gitBlob(byte[] content) {
    byte[] head = ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[head.length + content.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(content, 0, all, head.length, content.length);
    return digest("SHA-1", all);
  }

  static String digest(String algorithm, byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalArgumentException(algorithm, e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
