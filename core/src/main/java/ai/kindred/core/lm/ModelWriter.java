package ai.kindred.core.lm;

import ai.kindred.core.config.Json;
import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a model as a Hugging Face folder. */
final class ModelWriter {

  /** Files beside config and weights that belong to a model, as far as its source has them. */
  private static final List<String> COMPANIONS =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "tokenizer.model",
          "tokenizer.bin",
          "chat_template.jinja",
          "generation_config.json");

  /** Most bytes of weights in a file: those of one file pass through Java's heap at once. */
  private static final long FILE_BYTES = 640L << 20;

  private final LanguageModel model;
  private final long fileBytes;

  ModelWriter(LanguageModel model) {
    this(model, FILE_BYTES);
  }

  ModelWriter(LanguageModel model, long fileBytes) {
    this.model = model;
    this.fileBytes = fileBytes;
  }

  void write(Path folder) throws IOException {
    Map<String, Tensor> weights = weights();
    ModelConfig config =
        model.config().withWeights(model.activations(), model.base().lmHead() == null);
    AtomicFiles.writeFolder(
        folder,
        into -> {
          Files.writeString(into.resolve("config.json"), config.toJson());
          writeWeights(into, weights);
          copyCompanions(model.source(), into);
        });
  }

  private Map<String, Tensor> weights() {
    if (!Tree.parts(model, Adapter.class).isEmpty()) {
      throw new IllegalStateException(
          "merge the adapters first (merged()), or take them out (withoutAdapters())");
    }
    Tree.parts(model.base(), Linear.class)
        .forEach(
            (path, linear) -> {
              if (linear instanceof Int8) {
                throw new IllegalStateException(
                    "a model in 8 bits is not what Hugging Face folders hold; load it as bfloat16"
                        + " to save it");
              } else if (!(linear instanceof Dense)) {
                throw new IllegalStateException(
                    "the product at "
                        + path
                        + " is a "
                        + linear.getClass().getSimpleName()
                        + ", for which Hugging Face folders have no form");
              }
            });
    return Tree.leaves(model.base());
  }

  private static long bytes(Tensor weight) {
    long n = weight.dtype().bytes();
    for (long length : weight.lengths()) {
      n *= length;
    }
    return n;
  }

  private void writeWeights(Path into, Map<String, Tensor> weights) throws IOException {
    List<List<String>> files = new ArrayList<>();
    long total = 0;
    long inFile = 0;
    for (Map.Entry<String, Tensor> w : weights.entrySet()) {
      long n = bytes(w.getValue());
      if (files.isEmpty() || inFile + n > fileBytes) {
        files.add(new ArrayList<>());
        inFile = 0;
      }
      files.get(files.size() - 1).add(w.getKey());
      inFile += n;
      total += n;
    }
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    index.putObject("metadata").put("total_size", total);
    ObjectNode fileOf = index.putObject("weight_map");
    for (int i = 0; i < files.size(); i++) {
      String file =
          files.size() == 1
              ? "model.safetensors"
              : "model-%05d-of-%05d.safetensors".formatted(i + 1, files.size());
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      for (String name : files.get(i)) {
        Tensor weight = weights.get(name);
        if (weight != null) {
          tensors.put(name, new StoredTensor(weight.dtype(), weight.lengths(), weight.toBytes()));
          fileOf.put(name, file);
        }
      }
      Safetensors.write(into.resolve(file), tensors, Map.of("format", "pt"));
    }
    if (files.size() > 1) {
      Files.writeString(into.resolve("model.safetensors.index.json"), Json.pretty(index));
    }
  }

  private static void copyCompanions(@Nullable Path source, Path into) throws IOException {
    if (source == null) {
      return;
    }
    for (String name : COMPANIONS) {
      if (Files.isRegularFile(source.resolve(name))) {
        Files.copy(source.resolve(name), into.resolve(name));
      }
    }
  }
}
