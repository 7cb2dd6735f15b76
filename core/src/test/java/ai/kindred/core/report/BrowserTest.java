package ai.kindred.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report in a real browser: a Chromium named by -Dkindred.chromium, or on the path. */
class BrowserTest {
  private static String chromium = "";

  @TempDir Path folder;

  @BeforeAll
  static void findChromium() {
    Optional<String> found =
        Optional.ofNullable(System.getProperty("kindred.chromium"))
            .or(
                () ->
                    Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .map(f -> Path.of(f, "chromium"))
                        .filter(Files::isExecutable)
                        .map(Path::toString)
                        .findFirst());
    assumeTrue(
        found.isPresent(),
        "no Chromium: give its path by -Dkindred.chromium or put `chromium` on the path");
    chromium = found.orElseThrow();
  }

  private String run(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--user-data-dir=" + folder.resolve("profile")));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("Chromium ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"0, 0xff121519", "1, 0xfff6f7f9"})
  void followsTheColourSchemeOfTheSystem(int scheme, String background) throws Exception {
    Path page = folder.resolve("report.html");
    Path image = folder.resolve("page.png");
    SampleReport.report().write(page);
    run(
        "--blink-settings=preferredColorScheme=" + scheme,
        "--window-size=500,800",
        "--screenshot=" + image,
        page.toUri().toString());
    BufferedImage pixels = ImageIO.read(image.toFile());
    assertThat(pixels.getRGB(1, 1)).isEqualTo(Long.decode(background).intValue());
  }

  /** Shows the page at three widths and asks the browser what it laid out. */
  @Test
  void fitsEveryScreenRunsNothingAndFetchesNothing() throws Exception {
    String harness =
        """
        <body>
        <iframe width="1280" height="900" srcdoc="%1$s"></iframe>
        <iframe width="400" height="900" srcdoc="%1$s"></iframe>
        <iframe width="320" height="900" srcdoc="%1$s"></iframe>
        <script>
        addEventListener("load", () => {
          const spills = (s) => [...s.querySelectorAll("text")].some((t) => {
            const a = t.getBoundingClientRect(), b = s.getBoundingClientRect();
            return a.left < b.left - 2 || a.right > b.right + 2 || a.bottom > b.bottom + 2;
          });
          const told = [...document.querySelectorAll("iframe")].map((f) => {
            const w = f.contentWindow, d = w.document;
            const plots = [...d.querySelectorAll("svg")]
              .filter((s) => s.getBoundingClientRect().width > 0);
            return "<p>" + ["width", w.innerWidth,
              "too wide", d.documentElement.scrollWidth > w.innerWidth,
              "hacked", w.hacked === 1,
              "scripts", d.scripts.length, "images", d.images.length,
              "requests", w.performance.getEntriesByType("resource").length,
              "plots", plots.length, "spilling", plots.filter(spills).length,
              "heading", d.querySelectorAll("h2")[3].textContent.length].join(" ") + "</p>";
          });
          document.body.innerHTML = told.join("");
        });
        </script></body>
        """
            .formatted(Text.html(SampleReport.report().html()));
    Path page = Files.writeString(folder.resolve("harness.html"), harness);
    String dom = run("--window-size=1400,1000", "--dump-dom", page.toUri().toString());
    for (int width : new int[] {1280, 400, 320}) {
      assertThat(dom)
          .contains(
              "<p>width %d too wide false hacked false scripts 0 images 0 requests 0 plots 7 spilling 0 heading %d</p>"
                  .formatted(width, SampleReport.HOSTILE.length()));
    }
  }
}
