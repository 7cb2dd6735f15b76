package ai.kindred.core.report;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The commit that a run was started from.
 *
 * @param commit its hash
 * @param dirty whether tracked files differed from it
 */
public record GitState(String commit, boolean dirty) {
  private static final int SECONDS = 10;

  /** The state of the checkout around a folder; empty outside of one, or without git. */
  public static Optional<GitState> of(Path folder) {
    return git(folder, "rev-parse", "--verify", "HEAD")
        .filter(hash -> hash.matches("[0-9a-f]{40,64}"))
        .flatMap(
            hash ->
                git(folder, "status", "--porcelain", "--untracked-files=no")
                    .map(changes -> new GitState(hash, !changes.isEmpty())));
  }

  private static Optional<String> git(Path folder, String... arguments) {
    ProcessBuilder builder = new ProcessBuilder("git", "--no-optional-locks");
    builder.command().addAll(List.of(arguments));
    builder.directory(folder.toFile());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.redirectInput(ProcessBuilder.Redirect.from(nullDevice()));
    try {
      Process process = builder.start();
      try (InputStream out = process.getInputStream()) {
        // The start of the output is enough; a git that writes more ends when the pipe closes.
        String text = new String(out.readNBytes(4096), StandardCharsets.UTF_8).strip();
        boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
        return ended && process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static File nullDevice() {
    return new File(File.separatorChar == '\\' ? "NUL" : "/dev/null");
  }

  @Override
  public String toString() {
    return commit + (dirty ? ", with changes" : "");
  }
}
