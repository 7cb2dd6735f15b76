package ai.kindred.core.train;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.JsonException;
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
 * A state of a run on disk, found whole: one safetensors file. Its tensors are the state's leaves
 * by path. The header's metadata hold the {@link Manifest} as JSON and a SHA-256 over manifest and
 * tensors, which finds any damage.
 */
public final class Snapshot {

  /**
   * What a snapshot says besides its tensors.
   *
   * @param config what the run was made with
   * @param facts numbers that belong to the state
   */
  record Manifest(@Range(min = 0) long step, JsonNode config, JsonNode facts) {}

  private static final String MANIFEST = "kindred.checkpoint";
  private static final String DIGEST = "kindred.sha256";

  private final Path file;
  private final Manifest manifest;
  private final Map<String, StoredTensor> tensors;

  private Snapshot(Path file, Manifest manifest, Map<String, StoredTensor> tensors) {
    this.file = file;
    this.manifest = manifest;
    this.tensors = tensors;
  }

  /** Writes whole or not at all. */
  static void write(Path file, Manifest manifest, Object tree) throws IOException {
    Map<String, StoredTensor> tensors = new TreeMap<>();
    Tree.leaves(tree)
        .forEach(
            (path, t) -> tensors.put(path, new StoredTensor(t.dtype(), t.lengths(), t.toBytes())));
    String json = Configs.toJson(manifest);
    Safetensors.write(file, tensors, Map.of(MANIFEST, json, DIGEST, digest(json, tensors)));
  }

  /** The file that it lies in. */
  public Path file() {
    return file;
  }

  /** Steps that the run had taken. */
  public long step() {
    return manifest.step();
  }

  JsonNode config() {
    return manifest.config();
  }

  /**
   * The numbers that were saved beside the state, as a record.
   *
   * @throws TrainingException where the file holds others
   */
  public <F extends Record> F facts(Class<F> type) {
    try {
      return Configs.parse(type, manifest.facts().toString(), file.toString());
    } catch (JsonException e) {
      throw new TrainingException(file + " is a checkpoint of another kind of run: " + e, e);
    }
  }

  /**
   * Length of a tensor's first axis, for states whose template depends on it; 0 where there is no
   * such tensor.
   */
  public long length(String path) {
    StoredTensor stored = tensors.get(path);
    return stored == null || stored.shape().length == 0 ? 0 : stored.shape()[0];
  }

  /**
   * The state, its tensors owned by the innermost scope.
   *
   * @param like a state of the same structure, types and lengths
   * @throws TrainingException where the file is of another state, naming a tensor
   */
  public <T> T tree(T like) {
    Map<String, StoredTensor> left = new LinkedHashMap<>(tensors);
    T state = Tree.mapPaths(like, (path, t) -> load(path, t, left.remove(path)));
    if (!left.isEmpty()) {
      throw mismatch("it has `" + left.keySet().iterator().next() + "`, which is not here");
    }
    return state;
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

  /**
   * Reads and checks a file.
   *
   * @throws MalformedFileException where it is damaged or no checkpoint
   */
  static Snapshot open(Path file) throws IOException {
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
      return new Snapshot(file, Configs.parse(Manifest.class, json, file.toString()), tensors);
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
