package ai.kindred.core.train;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.Range;
import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint on disk: one safetensors file, so that it is whole or absent. The tensors are those
 * of {@link Content} by path. The header's metadata hold the {@link Manifest} as JSON and a SHA-256
 * over manifest and tensors, which finds any damage.
 */
final class CheckpointFile {

  /**
   * What a checkpoint says besides its tensors.
   *
   * @param config what the run was made with
   * @param bestLoss null before the first validation
   */
  record Manifest(
      @Range(min = 0) long step,
      JsonNode config,
      @Nullable Double bestLoss,
      @Range(min = 0) long bestStep,
      @Range(min = 0) int sinceBest) {}

  /** The tensors; {@code best} is null where there is none or it is the parameters themselves. */
  private record Content(TrainingStep.State state, Progress.@Nullable Best best) {}

  private static final String MANIFEST = "kindred.checkpoint";
  private static final String DIGEST = "kindred.sha256";

  private CheckpointFile() {}

  /** Writes whole or not at all. */
  static void write(Path file, Progress progress, JsonNode config) throws IOException {
    Progress.Best best = progress.best();
    Manifest manifest =
        new Manifest(
            progress.step(),
            config,
            best == null ? null : best.loss(),
            best == null ? 0 : best.step(),
            progress.sinceBest());
    boolean apart = best != null && best.step() != progress.step();
    Map<String, StoredTensor> tensors = new TreeMap<>();
    Tree.leaves(new Content(progress.state(), apart ? best : null))
        .forEach(
            (path, t) -> tensors.put(path, new StoredTensor(t.dtype(), t.lengths(), t.toBytes())));
    String json = Configs.toJson(manifest);
    Safetensors.write(file, tensors, Map.of(MANIFEST, json, DIGEST, digest(json, tensors)));
  }

  /** A file that was found whole, not yet made into tensors. */
  record Opened(Path file, Manifest manifest, Map<String, StoredTensor> tensors) {

    /**
     * The progress, its tensors owned by the innermost scope.
     *
     * @param like a state of the same parameters and optimiser
     * @throws TrainingException where the file is of other parameters, naming one
     */
    Progress progress(TrainingStep.State like) {
      Double loss = manifest.bestLoss();
      boolean apart = loss != null && manifest.bestStep() != manifest.step();
      Content template = new Content(like, apart ? new Progress.Best(0, 0, like.params()) : null);
      Map<String, StoredTensor> left = new LinkedHashMap<>(tensors);
      Content content = Tree.mapPaths(template, (path, t) -> load(path, t, left.remove(path)));
      if (!left.isEmpty()) {
        throw mismatch("it has `" + left.keySet().iterator().next() + "`, which is not here");
      }
      Progress.Best stored = content.best();
      Progress.Best best =
          loss == null
              ? null
              : new Progress.Best(
                  manifest.bestStep(),
                  loss,
                  stored == null ? content.state().params() : stored.params());
      return new Progress(manifest.step(), content.state(), best, manifest.sinceBest());
    }

    private Tensor load(String path, Tensor like, @Nullable StoredTensor stored) {
      if (stored == null) {
        throw mismatch("it has no `" + path + "`");
      }
      if (stored.dtype() != like.dtype() || !Arrays.equals(stored.shape(), like.lengths())) {
        throw mismatch(
            "`%s` is %s%s there and %s%s here"
                .formatted(
                    path,
                    stored.dtype(),
                    Arrays.toString(stored.shape()),
                    like.dtype(),
                    Arrays.toString(like.lengths())));
      }
      ByteBuffer bytes = ByteBuffer.allocateDirect(stored.data().remaining());
      bytes.put(stored.data()).flip();
      // A copy lies where libtorch aligns it: products of other alignment may differ in a bit.
      try (Tensor shared = Tensor.of(bytes, stored.dtype(), stored.shape())) {
        return shared.copy();
      }
    }

    private TrainingException mismatch(String difference) {
      return new TrainingException(
          file
              + " is a checkpoint of other parameters: "
              + difference
              + "; resume with the model and optimiser that it was made with, or give another"
              + " folder");
    }
  }

  /**
   * Reads and checks a file.
   *
   * @throws MalformedFileException where it is damaged or no checkpoint
   */
  static Opened open(Path file) throws IOException {
    Map<String, StoredTensor> tensors = new TreeMap<>();
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      String json = stored.metadata().get(MANIFEST);
      String digest = stored.metadata().get(DIGEST);
      if (json == null || digest == null) {
        throw new MalformedFileException(file, "this is no checkpoint of a training run");
      }
      for (String name : stored.names()) {
        tensors.put(name, stored.get(name));
      }
      if (!digest.equals(digest(json, tensors))) {
        throw new MalformedFileException(
            file, "the checkpoint is damaged: its bytes do not match their SHA-256");
      }
      return new Opened(file, Configs.parse(Manifest.class, json, file.toString()), tensors);
    }
  }

  private static String digest(String manifest, Map<String, StoredTensor> byName) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    sha256.update(manifest.getBytes(StandardCharsets.UTF_8));
    byName.forEach(
        (name, t) -> {
          sha256.update((name + " " + t + "\n").getBytes(StandardCharsets.UTF_8));
          sha256.update(t.data());
        });
    return HexFormat.of().formatHex(sha256.digest());
  }
}
