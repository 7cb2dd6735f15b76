package ai.kindred.peft;

import ai.kindred.core.io.Gguf;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.Family;
import ai.kindred.core.lm.GgufLlama;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.ModelConfig;
import ai.kindred.core.nn.Adapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A LoRA as one GGUF file for llama.cpp ({@code --lora}), in float32. llama.cpp multiplies by alpha
 * / rank with one alpha for all products, so scales that differ from that (rsLoRA, alpha patterns)
 * are worked into B; in the Llama family the rows of q and k are reordered as the base's are.
 */
public final class GgufLora {

  private GgufLora() {}

  /**
   * Writes the adapters of a model.
   *
   * @throws IllegalArgumentException if the model has no adapters, one that is no LoRA, or one at a
   *     product that GGUF has no name for
   * @throws IOException if the file cannot be written
   */
  public static void write(LanguageModel model, Path file) throws IOException {
    Map<String, Adapter> adapters = Tree.parts(model, Adapter.class);
    if (adapters.isEmpty()) {
      throw new IllegalArgumentException("the model has no adapters to write");
    }
    double alpha = 0;
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Adapter> at : adapters.entrySet()) {
      if (!(at.getValue() instanceof Lora lora)) {
        throw new IllegalArgumentException(
            "the adapter at "
                + at.getKey()
                + " is a "
                + at.getValue().getClass().getSimpleName()
                + "; llama.cpp's adapter files hold LoRA alone (AveragedLora makes one of a"
                + " mixture, and tells its error)");
      }
      String name =
          GgufLlama.ggufName(at.getKey() + ".weight")
              .orElseThrow(
                  () -> new IllegalArgumentException("GGUF has no name for " + at.getKey()));
      int rank = Math.toIntExact(lora.loraA().size(0).value());
      // llama.cpp takes an alpha of zero to mean a scale of one.
      alpha = alpha == 0 ? (lora.scale() > 0 ? lora.scale() * rank : rank) : alpha;
      double left = lora.scale() * rank / alpha;
      tensors.put(
          name + ".lora_a", StoredTensor.of(lora.loraA().toFloats(), lora.loraA().lengths()));
      float[] b = lora.loraB().toFloats();
      for (int i = 0; i < b.length; i++) {
        b[i] = (float) (b[i] * left);
      }
      tensors.put(
          name + ".lora_b",
          StoredTensor.of(reordered(b, rank, name, model.config()), lora.loraB().lengths()));
    }
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", architecture(model.config().family()));
    metadata.put("general.type", "adapter");
    metadata.put("adapter.type", "lora");
    metadata.put("adapter.lora.alpha", (float) alpha);
    Gguf.write(file, metadata, tensors);
  }

  /** llama.cpp's name of a family. */
  private static String architecture(Family family) {
    return switch (family) {
      case LLAMA, MISTRAL -> "llama";
      case QWEN2 -> "qwen2";
      case QWEN3 -> "qwen3";
      case GEMMA -> "gemma";
      case GEMMA2 -> "gemma2";
      case GEMMA3 -> "gemma3";
    };
  }

  private static float[] reordered(float[] b, int rank, String name, ModelConfig config) {
    int heads = GgufLlama.permutedHeads(name, config);
    if (heads == 0 || !architecture(config.family()).equals("llama")) {
      return b;
    }
    int[] rows = GgufLlama.huggingFaceRows(heads, config.attention().headDim());
    float[] made = new float[b.length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(b, row * rank, made, rows[row] * rank, rank);
    }
    return made;
  }
}
