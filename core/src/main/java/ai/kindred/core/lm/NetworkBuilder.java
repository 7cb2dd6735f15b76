package ai.kindred.core.lm;

import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.nn.Activation;
import ai.kindred.core.nn.Attention;
import ai.kindred.core.nn.Block;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.GatedMlp;
import ai.kindred.core.nn.Int8;
import ai.kindred.core.nn.Linear;
import ai.kindred.core.nn.Mixing;
import ai.kindred.core.nn.RmsNorm;
import ai.kindred.core.nn.Rotary;
import ai.kindred.core.nn.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a network together from its config and its weights. */
final class NetworkBuilder {

  private final ModelConfig config;
  private final Precision precision;
  private final ModelFolder.Weights weights;

  NetworkBuilder(ModelConfig config, Precision precision, ModelFolder.Weights weights) {
    this.config = config;
    this.precision = precision;
    this.weights = weights;
  }

  CausalLm build() throws IOException {
    Table table =
        new Table(tensor("model.embed_tokens.weight", config.vocabSize(), config.hiddenSize()));
    List<Block> layers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(layer(i));
    }
    List<Rotary> rotaries =
        config.ropes().values().stream()
            .map(r -> new Rotary(r.frequencies(config.attention().headDim())))
            .toList();
    Decoder decoder =
        new Decoder(
            table,
            layers,
            norm("model.norm", config.hiddenSize()),
            rotaries,
            config.embeddingScale());
    Linear head =
        config.tiedEmbeddings()
            ? tiedHead(table)
            : linear("lm_head", config.hiddenSize(), config.vocabSize(), false);
    return new CausalLm(decoder, head, config.finalSoftcap());
  }

  /**
   * Reading the table is half of a small model's work at one token: in 8 bits the scores get a copy
   * of their own.
   */
  private @Nullable Linear tiedHead(Table table) {
    return precision == Precision.INT8 && config.hiddenSize() % 16 == 0
        ? Scope.tidy(() -> Int8.of(new Dense(table.weight(), null)))
        : null;
  }

  private DecoderLayer layer(int i) throws IOException {
    String path = "model.layers." + i + ".";
    boolean post = config.family().hasPostNorms();
    int width = config.hiddenSize();
    return new DecoderLayer(
        norm(path + "input_layernorm", width),
        attention(i, path + "self_attn."),
        norm(path + "post_attention_layernorm", width),
        post ? norm(path + "pre_feedforward_layernorm", width) : null,
        post ? norm(path + "post_feedforward_layernorm", width) : null,
        mlp(path + "mlp."));
  }

  private Attention attention(int i, String path) throws IOException {
    ModelConfig.Attention a = config.attention();
    int width = config.hiddenSize();
    int queries = a.heads() * a.headDim();
    int keys = a.keyValueHeads() * a.headDim();
    boolean normed = config.family().hasQueryKeyNorm();
    LayerType type = config.layerTypes().get(i);
    Integer window = type == LayerType.SLIDING ? a.slidingWindow() : null;
    return new Attention(
        linear(path + "q_proj", width, queries, a.queryKeyValueBias()),
        linear(path + "k_proj", width, keys, a.queryKeyValueBias()),
        linear(path + "v_proj", width, keys, a.queryKeyValueBias()),
        linear(path + "o_proj", queries, width, a.outputBias()),
        normed ? norm(path + "q_norm", a.headDim()) : null,
        normed ? norm(path + "k_norm", a.headDim()) : null,
        i,
        a.headDim(),
        new Mixing.Scores(a.scale(), a.softcap(), window),
        new ArrayList<>(config.ropes().keySet()).indexOf(type));
  }

  private GatedMlp mlp(String path) throws IOException {
    int width = config.hiddenSize();
    int inner = config.intermediateSize();
    Activation activation =
        switch (config.activation()) {
          case SILU -> Activation.SILU;
          case GELU -> Activation.GELU;
          case GELU_TANH -> Activation.GELU_TANH;
        };
    return new GatedMlp(
        linear(path + "gate_proj", width, inner, config.mlpBias()),
        linear(path + "up_proj", width, inner, config.mlpBias()),
        linear(path + "down_proj", inner, width, config.mlpBias()),
        activation);
  }

  private RmsNorm norm(String path, int width) throws IOException {
    return new RmsNorm(tensor(path + ".weight", width), config.rmsNormEps(), config.normOffset());
  }

  private Linear linear(String path, int in, int out, boolean hasBias) throws IOException {
    Tensor bias = hasBias ? tensor(path + ".bias", out) : null;
    boolean quantised = precision == Precision.INT8 && in % 16 == 0;
    if (!quantised) {
      return new Dense(tensor(path + ".weight", out, in), bias);
    }
    try (Tensor weight = stored(path + ".weight", DType.FLOAT32, out, in)) {
      return Scope.tidy(() -> Int8.of(new Dense(weight, bias)));
    }
  }

  private Tensor tensor(String name, long... shape) throws IOException {
    return stored(name, precision.activations(), shape);
  }

  private Tensor stored(String name, DType dtype, long... shape) throws IOException {
    StoredTensor t = weights.get(name, shape);
    if (!Arrays.equals(t.shape(), shape) || !t.dtype().isFloating()) {
      throw new ModelFormatException(
          weights.path().toString(),
          name
              + " is "
              + t
              + "; floating-point numbers of shape "
              + Arrays.toString(shape)
              + " are expected by config.json");
    }
    return Scope.tidy(() -> Tensor.of(t.data(), t.dtype(), t.shape()).to(dtype));
  }
}
