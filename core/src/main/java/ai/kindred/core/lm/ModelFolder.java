package ai.kindred.core.lm;

import ai.kindred.core.io.GgufFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.io.TensorSource;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A model's folder on disk, in the layout of Hugging Face, its weights as safetensors or GGUF. */
final class ModelFolder {

  private final Path folder;

  ModelFolder(Path folder) {
    this.folder = folder;
  }

  LanguageModel load(@Nullable Precision wanted) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new ModelFormatException(
          folder.toString(), "no such folder; a Hugging Face model folder is needed");
    }
    Path weights = weights();
    try (TensorSource source = TensorSource.open(weights)) {
      ModelConfig config = config(source, weights);
      Precision precision =
          wanted != null
              ? wanted
              : config.dtype() == DType.FLOAT32 ? Precision.FLOAT32 : Precision.BFLOAT16;
      Weights tensors =
          source instanceof GgufFile gguf
              ? new GgufWeights(gguf, config, precision, weights)
              : new NamedWeights(source, weights);
      // A tokenizer takes as long to read as a small model's weights: both at once.
      FutureTask<Optional<Tokenizer>> reading = new FutureTask<>(() -> Tokenizer.find(folder));
      Thread reader = new Thread(reading, "kindred-tokenizer");
      reader.setDaemon(true);
      reader.start();
      try (Scope loading = Scope.open()) {
        CausalLm network = new NetworkBuilder(config, precision, tensors).build();
        if (source instanceof GgufFile) {
          // The floats' memory lies outside the heap, whose owner sees no reason to collect it.
          System.gc();
        }
        Tokenizer tokenizer = result(reading).orElse(null);
        ChatTemplate template =
            tokenizer == null
                ? null
                : ChatTemplate.find(folder, tokenizer.specialTokens()).orElse(null);
        return new LanguageModel(loading.keep(network), config, tokenizer, template, folder);
      } catch (IOException | RuntimeException e) {
        closed(reading, e);
        throw e;
      }
    }
  }

  private static Optional<Tokenizer> result(FutureTask<Optional<Tokenizer>> reading)
      throws IOException {
    try {
      return reading.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a tokenizer was read");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a tokenizer could not be read", e.getCause());
    }
  }

  /** A tokenizer whose model could not be loaded is of no use. */
  private static void closed(FutureTask<Optional<Tokenizer>> reading, Exception failure) {
    try {
      result(reading).ifPresent(Tokenizer::close);
    } catch (IOException | RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
  }

  /** GGUF tells its own architecture where there is no config.json. */
  private ModelConfig config(TensorSource source, Path weights) throws IOException {
    return source instanceof GgufFile gguf && !Files.exists(folder.resolve("config.json"))
        ? GgufLlama.config(gguf.metadata().asMap(), gguf.names(), weights.toString())
        : ModelConfig.read(folder);
  }

  private Path weights() throws IOException {
    for (String name : List.of("model.safetensors.index.json", "model.safetensors")) {
      if (Files.isRegularFile(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(f -> f.toString().endsWith(".gguf")).sorted().toList();
      if (found.size() == 1) {
        return found.get(0);
      }
      throw new ModelFormatException(
          folder.toString(),
          found.isEmpty()
              ? "no weights here; model.safetensors, model.safetensors.index.json or one .gguf file is needed"
              : "more than one .gguf file here: "
                  + found.stream().map(f -> String.valueOf(f.getFileName())).toList());
    }
  }

  /** Weights by their Hugging Face names. */
  interface Weights {
    /** The tensor, its type as stored; the network needs this shape and checks it. */
    StoredTensor get(String name, long... shape) throws IOException;

    boolean has(String name);

    /** The file, for messages. */
    Path path();
  }

  private record NamedWeights(TensorSource source, Path path) implements Weights {

    @Override
    public StoredTensor get(String name, long... shape) throws IOException {
      if (!has(name)) {
        throw new ModelFormatException(path.toString(), "no tensor is called " + name);
      }
      return source.get(name);
    }

    @Override
    public boolean has(String name) {
      return source.names().contains(name);
    }
  }

  /**
   * GGUF has names of its own, and stores rows of q and k in another order. What a tensor's blocks
   * say is written to one memory again and again, where it is converted before the next is asked
   * for: the floats of a whole model would be its largest cost.
   */
  private static final class GgufWeights implements Weights {

    private final GgufFile file;
    private final ModelConfig config;
    private final @Nullable ByteBuffer floats;
    private final Path path;
    private final Map<String, String> names = new HashMap<>();

    GgufWeights(GgufFile file, ModelConfig config, Precision precision, Path path) {
      this.file = file;
      this.floats =
          precision == Precision.FLOAT32 ? null : ByteBuffer.allocateDirect(file.mostFloatBytes());
      this.config = config;
      this.path = path;
      for (String stored : file.names()) {
        Optional<String> name = GgufLlama.huggingFaceName(stored);
        name.ifPresent(n -> names.put(n, stored));
      }
    }

    @Override
    public StoredTensor get(String name, long... shape) throws IOException {
      String stored = names.get(name);
      if (stored == null) {
        throw new ModelFormatException(path.toString(), "no tensor for " + name);
      }
      StoredTensor t = floats == null ? file.get(stored) : file.get(stored, floats);
      int heads = GgufLlama.permutedHeads(stored, config);
      return heads == 0
          ? t
          : unpermuted(t, GgufLlama.huggingFaceRows(heads, config.attention().headDim()));
    }

    private static StoredTensor unpermuted(StoredTensor t, int[] rows) {
      float[] from = t.toFloats();
      int width = from.length / rows.length;
      float[] to = new float[from.length];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(from, rows[i] * width, to, i * width, width);
      }
      return StoredTensor.of(to, t.shape());
    }

    @Override
    public boolean has(String name) {
      return names.containsKey(name);
    }

    @Override
    public Path path() {
      return path;
    }
  }
}
