package ai.kindred.peft;

import ai.kindred.core.config.Json;
import ai.kindred.core.config.Names;
import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with a trained adapter in PEFT's form: {@code adapter_config.json}, {@code
 * adapter_model.safetensors}, {@code README.md}. LoRA folders are PEFT's own, both ways; all others
 * have the same form under a {@code peft_type} of their own.
 *
 * @param path the folder
 * @param readers of other kinds of adapters, by {@code peft_type}
 * @param anyBase whether weights other than those trained on are accepted
 */
public record AdapterFolder(Path path, Map<String, AdapterReader> readers, boolean anyBase) {

  private static final Logger LOG = LoggerFactory.getLogger(AdapterFolder.class);

  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final String README = "README.md";
  private static final String BASE_TYPES = "kindred_base_types";
  private static final String BASE_SHA256 = "kindred_base_sha256";

  private static final Map<String, AdapterReader> KNOWN =
      Map.of(
          LoraConfig.PEFT_TYPE,
          PeftLora::read,
          MixtureOfDyadicExpertsConfig.PEFT_TYPE,
          AdapterReader.of(MixtureOfDyadicExpertsConfig.class),
          MoLoraConfig.PEFT_TYPE,
          AdapterReader.of(MoLoraConfig.class),
          MoLoraSharedDownConfig.PEFT_TYPE,
          AdapterReader.of(MoLoraSharedDownConfig.class));

  /**
   * An adapted model.
   *
   * @param model the model given, with the folder's adapters
   * @param config how it is adapted
   * @param ignored fields of the folder's config that mean nothing here
   */
  public record Loaded<T>(T model, AdapterConfig config, List<String> ignored) {}

  public AdapterFolder {
    readers = Map.copyOf(readers);
  }

  /** A folder, which need not exist yet. */
  public static AdapterFolder at(Path path) {
    return new AdapterFolder(path, Map.of(), false);
  }

  /**
   * This folder, read with one more kind of adapter, whose config names and writes itself as {@link
   * AdapterConfig} does.
   */
  public <C extends Record & AdapterConfig> AdapterFolder reading(Class<C> config) {
    return reading(ConfigJson.peftType(config), AdapterReader.of(config));
  }

  /** This folder, read with one more kind of adapter. */
  public AdapterFolder reading(String peftType, AdapterReader reader) {
    Map<String, AdapterReader> more = new TreeMap<>(readers);
    more.put(peftType, reader);
    return new AdapterFolder(path, more, anyBase);
  }

  /**
   * This folder, read also where the base model has other weights than those that the adapter was
   * trained on (a quantised copy, for instance).
   */
  public AdapterFolder onAnyBase() {
    return new AdapterFolder(path, readers, true);
  }

  /**
   * The model with this folder's adapters, in float32, owned by the innermost scope. Weights are
   * shared with the model given.
   *
   * @throws MalformedFileException if the adapter is malformed, or made for another model
   * @throws IOException if a file cannot be read
   */
  public <T> Loaded<T> load(T model) throws IOException {
    return load(model, null);
  }

  /** Loads onto a model whose fingerprint may be known already. */
  <T> Loaded<T> load(T model, @Nullable BaseFingerprint known) throws IOException {
    Map<String, Linear> linears = Adapters.plain(model);
    AtomicFiles.recover(path);
    AdapterReader.Read read = readConfig();
    if (!read.ignored().isEmpty()) {
      LOG.warn("{}: fields without a meaning here: {}", path.resolve(CONFIG), read.ignored());
    }
    try (SafetensorsFile file = SafetensorsFile.open(weights())) {
      checkBase(file.metadata(), model, known);
      AdapterTensors tensors = AdapterTensors.of(path.resolve(WEIGHTS), file);
      Map<String, Adapter> made = tensors.adapters(read.config(), linears);
      T adapted =
          Tree.rewrite(
              model,
              Linear.class,
              (at, linear) -> {
                Adapter adapter = made.get(at);
                return adapter == null ? linear : adapter;
              });
      return new Loaded<>(adapted, read.config(), read.ignored());
    }
  }

  private AdapterReader.Read readConfig() throws IOException {
    Path file = path.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new MalformedFileException(path, "no adapter folder: it has no " + CONFIG);
    }
    JsonNode json = Json.read(file, Json.Limits.CONFIG);
    String type = json.path("peft_type").asText("");
    AdapterReader reader = readers.getOrDefault(type, KNOWN.get(type));
    if (reader == null) {
      Set<String> types = new TreeMap<>(KNOWN).keySet();
      throw new MalformedFileException(
          file,
          "`peft_type` is \""
              + Names.printable(type)
              + "\"; the kinds read here are "
              + Stream.concat(types.stream(), readers.keySet().stream()).distinct().toList());
    }
    return reader.read(json, file.toString());
  }

  private Path weights() throws IOException {
    Path file = path.resolve(WEIGHTS);
    if (Files.isRegularFile(file)) {
      return file;
    }
    boolean pickled = Files.exists(path.resolve("adapter_model.bin"));
    throw new MalformedFileException(
        path,
        "it has no "
            + WEIGHTS
            + (pickled
                ? "; adapter_model.bin can run code and is never read: convert it with PEFT"
                : ""));
  }

  private void checkBase(
      Map<String, String> metadata, Object model, @Nullable BaseFingerprint known)
      throws IOException {
    String sha256 = metadata.get(BASE_SHA256);
    if (sha256 == null || anyBase) {
      return;
    }
    BaseFingerprint now = known == null ? BaseFingerprint.of(model) : known;
    if (now.types().equals(metadata.get(BASE_TYPES)) && !now.sha256().equals(sha256)) {
      throw new MalformedFileException(
          path,
          "the adapter was trained on other weights: its base model has the checksum "
              + Names.printable(sha256)
              + ", this model has "
              + now.sha256());
    }
  }

  /**
   * Writes the adapters of a model, whole or not at all, over an adapter folder of the same path.
   *
   * @param model the adapted model
   * @param config the config that its adapters were made by
   * @param base name or path of the base model, for those who read the folder; may be null
   * @throws IllegalArgumentException if the model's adapters are not at the config's targets, or a
   *     value is not finite
   * @throws IOException if the folder cannot be written, or holds files of other kinds
   */
  public void save(Object model, AdapterConfig config, @Nullable String base) throws IOException {
    Map<String, Adapter> adapters = Tree.parts(model, Adapter.class);
    Set<String> chosen = config.targets().among(Tree.parts(model, Linear.class).keySet());
    if (adapters.isEmpty() || !chosen.equals(adapters.keySet())) {
      throw new IllegalArgumentException(
          "the model's adapters are not those of the config: it has them at "
              + adapters.keySet()
              + ", the config's targets are "
              + chosen);
    }
    Map<String, StoredTensor> tensors = AdapterTensors.stored(model);
    BaseFingerprint trainedOn = BaseFingerprint.of(model);
    String task = model instanceof LanguageModel ? "CAUSAL_LM" : null;
    ObjectNode json = PeftFields.common(config.peftType(), base, task).setAll(config.toJson());
    refuseOtherFiles();
    AtomicFiles.writeFolder(
        path,
        into -> {
          AtomicFiles.writeString(into.resolve(CONFIG), Json.pretty(sorted(json)));
          Safetensors.write(
              into.resolve(WEIGHTS),
              tensors,
              Map.of(
                  "format", "pt", BASE_TYPES, trainedOn.types(), BASE_SHA256, trainedOn.sha256()));
          AtomicFiles.writeString(into.resolve(README), readme(config, base));
        });
  }

  /** Replacing a folder deletes what is in it, so that must be an adapter's. */
  private void refuseOtherFiles() throws IOException {
    if (!Files.isDirectory(path)) {
      return;
    }
    try (Stream<Path> files = Files.list(path)) {
      List<String> others =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(name -> !List.of(CONFIG, WEIGHTS, README).contains(name))
              .sorted()
              .toList();
      if (!others.isEmpty()) {
        throw new IOException(
            "will not replace the folder " + path + ": it also holds " + others.get(0));
      }
    }
  }

  private static ObjectNode sorted(ObjectNode json) {
    ObjectNode sorted = JsonNodeFactory.instance.objectNode();
    Map<String, JsonNode> fields = new TreeMap<>();
    json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    sorted.setAll(fields);
    return sorted;
  }

  private static String readme(AdapterConfig config, @Nullable String base) {
    String named = base == null ? "" : "base_model: " + base + "\n";
    String reading =
        config instanceof LoraConfig
            ? "PEFT (`PeftModel.from_pretrained`) and Kindred read it."
            : "Kindred reads it; PEFT has no adapters of this kind.";
    return "---\n"
        + named
        + "library_name: peft\ntags:\n- kindred\n---\n\nAn adapter of the kind "
        + config.peftType()
        + (base == null ? "" : " for " + base)
        + ", made by Kindred. "
        + reading
        + "\n";
  }
}
