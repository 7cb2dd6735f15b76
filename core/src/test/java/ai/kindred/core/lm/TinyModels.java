package ai.kindred.core.lm;

import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Models of random weights in every family, small enough for tests. */
final class TinyModels {

  static final int VOCABULARY = 264;
  static final int CONTEXT = 128;

  private TinyModels() {}

  /** An architecture; families with windows get one of 6 positions. */
  static ModelConfig config(Family family, boolean tied) throws IOException {
    String windows =
        switch (family) {
          case GEMMA2, GEMMA3 ->
              ", \"layer_types\": [\"sliding_attention\", \"full_attention\"], \"sliding_window\": 6"
                  + ", \"query_pre_attn_scalar\": 8";
          case MISTRAL -> ", \"sliding_window\": 6";
          default -> "";
        };
    String activation =
        family.isGemma()
            ? "\"hidden_activation\": \"gelu_pytorch_tanh\""
            : "\"hidden_act\": \"silu\"";
    return ModelConfig.parse(
        """
        {"model_type": "%s", "vocab_size": %d, "hidden_size": 32, "intermediate_size": 48,
         "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
         "rms_norm_eps": 1e-6, "max_position_embeddings": %d, "tie_word_embeddings": %b,
         "bos_token_id": 0, "eos_token_id": 2, "torch_dtype": "float32", %s %s}"""
            .formatted(family.modelType(), VOCABULARY, CONTEXT, tied, activation, windows),
        "tiny " + family);
  }

  static LanguageModel random(ModelConfig config, Precision precision) throws IOException {
    CausalLm network = new NetworkBuilder(config, precision, new LoudWeights(config)).build();
    return new LanguageModel(network, config, null, null, null);
  }

  static LanguageModel random(Family family) throws IOException {
    return random(config(family, false), Precision.FLOAT32);
  }

  /** A folder with weights, a byte-level tokenizer and a chat template. */
  static Path folder(Path folder) throws IOException {
    LanguageModel model = random(config(Family.LLAMA, true), Precision.FLOAT32);
    model.save(folder);
    Tree.leaves(model).values().forEach(Tensor::close);
    new ByteLevelBpe(List.of()).write(folder, CONTEXT);
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [2, 3]}");
    return folder;
  }

  /** Prompts of different lengths, the same at every call. */
  static List<int[]> prompts(int... lengths) {
    return IntStream.range(0, lengths.length)
        .mapToObj(
            i ->
                Key.of(7).fold("prompt").fold(i).random().ints(lengths[i], 4, VOCABULARY).toArray())
        .toList();
  }

  /** Of a size that lets every part be seen in the scores. */
  private record LoudWeights(ModelConfig config) implements ModelFolder.Weights {

    @Override
    public StoredTensor get(String name, long... shape) {
      SplittableRandom random = Key.of(1).fold(name).random();
      int n = 1;
      for (long length : shape) {
        n *= (int) length;
      }
      double mean = name.contains("norm") ? 1 - config.normOffset() : 0;
      double deviation = shape.length == 1 ? 0.1 : 1.5 / Math.sqrt((double) shape[1]);
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = (float) (mean + deviation * random.nextGaussian());
      }
      return StoredTensor.of(values, shape);
    }

    @Override
    public boolean has(String name) {
      return true;
    }

    @Override
    public Path path() {
      return Path.of("random");
    }
  }

  /** Low-rank adaptation, as small as it can be. */
  record Toy(Linear base, Tensor a, Tensor b) implements Adapter {

    static Toy on(String path, Linear base) {
      SplittableRandom random = Key.of(2).fold(path).random();
      return new Toy(base, normal(random, 2, base.in()), normal(random, base.out(), 2));
    }

    private static Tensor normal(SplittableRandom random, long rows, long columns) {
      float[] values = new float[(int) (rows * columns)];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.2f * (float) random.nextGaussian();
      }
      return Tensor.of(values, rows, columns);
    }

    @Override
    public Tensor delta(Tensor x, Pass pass) {
      return x.linear(a).linear(b);
    }

    @Override
    public Optional<Linear> merged() {
      return base instanceof Dense d
          ? Optional.of(new Dense(d.weight().add(b.matmul(a).to(d.weight().dtype())), d.bias()))
          : Optional.empty();
    }
  }
}
