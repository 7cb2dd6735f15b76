package ai.kindred.cli;

import ai.kindred.core.io.HubDownload;
import ai.kindred.core.io.HubDownload.File;
import ai.kindred.core.io.HubDownload.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "model",
    description = {
      "Download a model's folder from a Hugging Face hub.",
      "",
      "Configuration, tokenizer, chat template and safetensors weights. Run it again to go on"
          + " after an interruption; whole files are verified and not fetched twice. A token for"
          + " gated models is taken from the environment variable HF_TOKEN."
    })
final class ModelCommand implements Callable<Integer> {

  static final String ENDPOINT_PROPERTY = "kindred.hub";
  static final String ENDPOINT_VARIABLE = "KINDRED_HUB";

  @Mixin private final Output output = new Output();

  @Parameters(paramLabel = "ORG/NAME", description = "The model.")
  private String repository = "";

  @Option(
      names = "--revision",
      paramLabel = "R",
      defaultValue = "main",
      description = "Branch, tag or commit (default: ${DEFAULT-VALUE}).")
  private String revision = "main";

  @Option(names = "--out", paramLabel = "DIR", description = "The folder (default: NAME).")
  private @Nullable Path out;

  @Option(
      names = "--endpoint",
      paramLabel = "URL",
      description =
          "The hub (default: system property kindred.hub, else variable KINDRED_HUB, else the"
              + " public one).")
  private @Nullable String endpoint;

  private final Map<String, String> environment;

  ModelCommand() {
    this(System.getenv());
  }

  ModelCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  /** The result with {@code --json}. */
  record Folder(String folder, List<File> files) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = out != null ? out : Path.of(repository.substring(repository.indexOf('/') + 1));
    if (!repository.contains("/") || repository.endsWith("/")) {
      throw output.badUsage("model '" + repository + "': expected ORG/NAME");
    }
    List<File> files;
    try (DownloadProgress progress = new DownloadProgress(output.notes())) {
      files = new HubDownload(settings()).fetch(repository, revision, folder, progress);
    }
    output.result(new Folder(folder.toString(), files), folder.toString());
    return 0;
  }

  private Settings settings() {
    String hub =
        Optional.ofNullable(endpoint)
            .or(() -> Optional.ofNullable(System.getProperty(ENDPOINT_PROPERTY)))
            .or(() -> Optional.ofNullable(environment.get(ENDPOINT_VARIABLE)))
            .orElse(HubDownload.PUBLIC_HUB.toString());
    String token = environment.getOrDefault("HF_TOKEN", "");
    try {
      Settings settings = Settings.defaults().withEndpoint(new URI(hub));
      return token.isBlank() ? settings : settings.withToken(token.strip());
    } catch (URISyntaxException e) {
      throw output.badUsage("hub endpoint '" + hub + "' is no address: " + e.getReason());
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }
}
