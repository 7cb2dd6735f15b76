package ai.kindred.reliability;

import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.ChatTemplate;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.core.lm.Tokenizer;
import ai.kindred.reliability.code.Repairs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A protected model on disk: {@code config.json} and tokenizer as in its source, and {@code
 * protected.safetensors} with every memory as it is encoded. Beside each tensor {@code NAME} of
 * words stand {@code NAME#checks}, where its code has check bytes, and CRC32C checks of each 4096
 * bytes of both, {@code NAME#crc} and {@code NAME#checks#crc}.
 *
 * <p>A block whose CRC is wrong is repaired by the code if that can be; so the code's few check
 * bits do for errors in storage what they do in memory.
 */
public final class ProtectedFolder {

  static final String FILE = "protected.safetensors";
  static final String CHECKS = "#checks";
  static final String CRC = "#crc";
  private static final String VERSION = "kindred.protected";

  private final Path folder;

  private ProtectedFolder(Path folder) {
    this.folder = folder;
  }

  /** The folder at a path, which need not be there to write it. */
  public static ProtectedFolder at(Path folder) {
    return new ProtectedFolder(folder);
  }

  /** A block of 4096 bytes that was not as written. */
  public record BadBlock(String tensor, int block) {}

  /**
   * What a check of the folder found.
   *
   * @param bytes bytes checked
   * @param bad blocks whose CRC was wrong
   * @param repairs what the codes did about them
   * @param left bad blocks that are still not as written after the codes' repairs
   */
  public record Checked(long bytes, List<BadBlock> bad, Repairs repairs, List<BadBlock> left) {
    /** Copies. */
    public Checked {
      bad = List.copyOf(bad);
      left = List.copyOf(left);
    }
  }

  /** Writes the folder, whole or not at all. */
  public void save(ProtectedModel safe) throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Map<String, String> about = new LinkedHashMap<>();
    about.put(VERSION, "1");
    for (ProtectedTensor m : safe.memory()) {
      add(tensors, m.name(), m.words().bytes());
      if (m.words().checkBytes() > 0) {
        add(tensors, m.name() + CHECKS, m.words().checks());
      }
      about.put(m.name(), m.code().name());
    }
    for (ProtectedLayer layer : safe.layers()) {
      about.put(layer.path(), layer.format().name());
    }
    Tree.parts(safe.model(), ProtectedTable.class)
        .forEach((path, table) -> about.put(path, table.dtype().name()));
    Set<String> kept = safe.words().keySet();
    for (Map.Entry<String, Tensor> leaf : Tree.leaves(safe.model()).entrySet()) {
      Tensor t = leaf.getValue();
      if (!kept.contains(leaf.getKey())) {
        tensors.put(leaf.getKey(), new StoredTensor(t.dtype(), t.lengths(), t.toBytes()));
        tensors.put(leaf.getKey() + CRC, checks(t.toBytes()));
      }
    }
    LanguageModel model = safe.model();
    AtomicFiles.writeFolder(
        folder,
        into -> {
          Files.writeString(into.resolve("config.json"), model.config().toJson());
          Safetensors.write(into.resolve(FILE), tensors, about);
          companions(model.source(), into);
        });
  }

  private static void add(Map<String, StoredTensor> tensors, String name, ByteBuffer bytes) {
    long[] shape = {bytes.remaining()};
    tensors.put(name, new StoredTensor(DType.UINT8, shape, bytes));
    tensors.put(name + CRC, checks(bytes));
  }

  private static StoredTensor checks(ByteBuffer bytes) {
    int[] checks = BlockChecks.of(bytes);
    return StoredTensor.of(checks, checks.length);
  }

  /** Whatever belongs to a model besides its config and its weights. */
  private static void companions(@Nullable Path source, Path into) throws IOException {
    if (source == null) {
      return;
    }
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = String.valueOf(file.getFileName());
        boolean weights =
            name.endsWith(".safetensors")
                || name.endsWith(".safetensors.index.json")
                || name.endsWith(".gguf");
        if (!weights && !name.startsWith(".") && !name.equals("config.json")) {
          Files.copy(file, into.resolve(name));
        }
      }
    }
  }

  /**
   * A protected model with what was found on the way.
   *
   * @param model its {@code layers} tell paths and formats alone
   */
  public record Loaded(ProtectedModel model, Checked checked) {}

  /**
   * Loads the folder, checks it block by block and repairs what is damaged.
   *
   * @throws IOException where the folder holds something else, or cannot be read
   * @throws UncorrectableException where a block stays bad and the policy is {@link Doubles#RAISE}
   */
  public Loaded load(Reading reading, Doubles doubles) throws IOException {
    ModelConfig config = ModelConfig.read(folder);
    try (SafetensorsFile file = open();
        Scope scope = Scope.open()) {
      ProtectedReader reader = new ProtectedReader(file, folder.resolve(FILE), reading, doubles);
      LanguageModel network = reader.fill(LanguageModel.blank(config));
      Tokenizer tokenizer = Tokenizer.find(folder).orElse(null);
      ChatTemplate template =
          tokenizer == null
              ? null
              : ChatTemplate.find(folder, tokenizer.specialTokens()).orElse(null);
      LanguageModel model = new LanguageModel(network.base(), config, tokenizer, template, folder);
      return new Loaded(scope.keep(reader.of(model)), reader.checked());
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private SafetensorsFile open() throws IOException {
    AtomicFiles.recover(folder);
    SafetensorsFile file = SafetensorsFile.open(folder.resolve(FILE));
    if (!"1".equals(file.metadata().get(VERSION))) {
      file.close();
      throw new IOException(
          folder.resolve(FILE)
              + " is no protected model of this version: its header lacks "
              + VERSION
              + "=1");
    }
    return file;
  }
}
