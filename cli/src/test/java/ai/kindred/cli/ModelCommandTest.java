package ai.kindred.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandTest {

  private static final Map<String, String> PAGES =
      Map.of(
          "/api/models/org/model/revision/v2",
          """
          {"siblings": [{"rfilename": "config.json", "size": 2},
                        {"rfilename": "model.safetensors", "size": 3}]}""",
          "/org/model/resolve/v2/config.json",
          "{}",
          "/org/model/resolve/v2/model.safetensors",
          "abc");

  @TempDir private Path folder;
  private HttpServer server;
  private String hub;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] page =
              PAGES
                  .getOrDefault(exchange.getRequestURI().getPath(), "")
                  .getBytes(StandardCharsets.UTF_8);
          boolean head = exchange.getRequestMethod().equals("HEAD");
          exchange.sendResponseHeaders(
              page.length == 0 ? 404 : 200, head || page.length == 0 ? -1 : page.length);
          if (!head) {
            exchange.getResponseBody().write(page);
          }
          exchange.close();
        });
    server.start();
    hub = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static Run model(Map<String, String> environment, String... args) {
    return Run.of(List.of(() -> List.of(new ModelCommand(environment))), args);
  }

  @Test
  void downloadsIntoAFolder() throws IOException {
    Path out = folder.resolve("m");
    String[] args = {
      "model", "org/model", "--revision=v2", "--endpoint", hub, "--out", out.toString(), "--json"
    };
    Run run = model(Map.of(), args);
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).at("/files/0/name").asText())
        .isEqualTo("model.safetensors");
    assertThat(out.resolve("config.json")).hasContent("{}");
    assertThat(out.resolve("model.safetensors")).hasContent("abc");
  }

  @Test
  void theHubIsASetting() {
    String out = folder.resolve("m").toString();
    assertThat(
            model(
                Map.of("KINDRED_HUB", hub), "model", "org/model", "--revision", "v2", "--out", out))
        .extracting(Run::code, Run::out)
        .containsExactly(0, out + "\n");
    Run run = model(Map.of("KINDRED_HUB", "ftp://x"), "model", "org/model");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).startsWith("kindred model: hub endpoint 'ftp://x': expected an address");
    assertThat(model(Map.of("KINDRED_HUB", "a b"), "model", "org/model").code()).isEqualTo(2);
  }

  @Test
  void unknownModelAndBadNameHaveTheirCodes() {
    Map<String, String> environment = Map.of("KINDRED_HUB", hub);
    assertThat(model(environment, "model", "org/other"))
        .isEqualTo(new Run(1, "", "kindred: org/other at revision main: not found (HTTP 404)\n"));
    assertThat(model(environment, "model", "other"))
        .extracting(Run::code, r -> r.err().lines().findFirst().orElse(""))
        .containsExactly(2, "kindred model: model 'other': expected ORG/NAME");
  }
}
