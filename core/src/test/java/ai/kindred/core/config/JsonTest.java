package ai.kindred.core.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static final Json.Limits SMALL = new Json.Limits(1000, 4, 20);

  record Inner(@Range(min = 0) double rate, List<Integer> sizes) {}

  record Outer(String name, int count, Inner inner, boolean flag) {}

  private static final String VALID =
      "{\"name\": \"caf\u00e9 \\u0041\", \"count\": 12,"
          + " \"inner\": {\"rate\": 1.5e-3, \"sizes\": [1, 2, 3]}, \"flag\": true}";

  @Test
  void limitsHold() throws JsonException {
    assertThat(Json.parse("[[[[1]]]]", "x", SMALL).toString()).isEqualTo("[[[[1]]]]");
    assertThatThrownBy(() -> Json.parse("[[[[[1]]]]]", "x.json", SMALL))
        .isInstanceOf(JsonException.class)
        .hasMessage(
            "x.json: over a limit: Document nesting depth (5) exceeds the maximum allowed (4)");
    assertThatThrownBy(() -> Json.parse("[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0]", "x", SMALL))
        .isInstanceOf(JsonException.class)
        .hasMessageContaining("Token count (21)");
    assertThatThrownBy(() -> Json.parse(" ".repeat(1001), "x", SMALL))
        .hasMessage("x: more than 1000 bytes of JSON, the limit here");
  }

  @Test
  void deepNestingIsRefusedNotFollowed() {
    for (String bracket : List.of("[", "{\"a\":")) {
      assertThatThrownBy(() -> Json.parse(bracket.repeat(1_000_000), "x", Json.Limits.CONFIG))
          .isInstanceOf(JsonException.class)
          .hasMessageContaining("nesting depth");
    }
  }

  @Test
  void filesOverTheLimitAreNotReadWhole(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("big.json");
    Files.writeString(file, "\"" + "x".repeat(5000) + "\"");
    assertThatThrownBy(() -> Json.read(file, SMALL))
        .hasMessage(file + ": more than 1000 bytes of JSON, the limit here");
    assertThatThrownBy(() -> Json.read(folder.resolve("none.json"), SMALL))
        .isInstanceOf(NoSuchFileException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "[01]",
        "[+1]",
        "[.5]",
        "[NaN]",
        "[Infinity]",
        "[1] x",
        "{} {}",
        "/* c */ {}",
        "\"\t\"",
        "\"\\x\"",
        "[1 2]",
        "nul",
        "-",
        "{\"a\":1,\"a\":2}",
        "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
        "\u0000"
      })
  void malformedTextIsRefused(String text) {
    assertThatThrownBy(() -> Json.parse(text, "file.json", Json.Limits.CONFIG))
        .isInstanceOf(JsonException.class)
        .hasMessageStartingWith("file.json: not JSON");
    assertThatThrownBy(() -> Json.parse(text.getBytes(UTF_8), "file.json", Json.Limits.CONFIG))
        .isInstanceOf(JsonException.class);
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    assertThatThrownBy(() -> Json.parse("[\"caf\u00e9\"]".getBytes(ISO_8859_1), "x", SMALL))
        .hasMessage("x: not JSON: the text is not UTF-8");
    assertThatThrownBy(() -> Json.parse(new byte[] {0, '[', 0, ']'}, "x", SMALL))
        .isInstanceOf(JsonException.class);
  }

  /** Truncated, flipped, spliced and overgrown documents: a clear refusal or a right record. */
  @Test
  void manglingNeverGivesAnythingButAJsonException() throws JsonException {
    byte[] valid = VALID.getBytes(UTF_8);
    Outer right = new Outer("caf\u00e9 A", 12, new Inner(1.5e-3, List.of(1, 2, 3)), true);
    assertThat(read(valid)).isEqualTo(right);
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      SplittableRandom random = Key.of(7).fold("mangled JSON").fold(i).random();
      byte[] mangled = Mangle.bytes(valid, random);
      try {
        Outer outer = read(mangled);
        assertThat(outer.inner().rate()).isGreaterThanOrEqualTo(0);
      } catch (JsonException e) {
        refused++;
        assertThat(e).hasMessageStartingWith("mangled: ");
        assertThat(e.toString().length()).isLessThan(5000);
      }
    }
    assertThat(refused).isGreaterThan(1000);
  }

  private static Outer read(byte[] text) throws JsonException {
    return Configs.of(Outer.class, Json.parse(text, "mangled", Json.Limits.CONFIG), "mangled");
  }
}
