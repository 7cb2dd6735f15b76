package ai.kindred.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.LanguageModelObjective;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.train.Batches;
import ai.kindred.core.train.Schedule;
import ai.kindred.core.train.Signal;
import ai.kindred.core.train.Training;
import ai.kindred.core.train.TrainingConfig;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A model in the shape of Llama 3.2 1B, its weights drawn, takes LoRA steps within 12 GB. */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class BillionParametersTest {

  private static final long MOST_MEGABYTES = 12 * 1024;
  private static final long LAYERS = 16;
  private static final long HIDDEN = 2048;
  private static final long KEYS = 512;
  private static final long INNER = 8192;
  private static final int VOCABULARY = 128_256;
  private static final long PARAMETERS = 1_235_814_400;
  private static final String CONFIG =
      """
      {"model_type": "llama", "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192,
       "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 64,
       "max_position_embeddings": 4096, "rope_theta": 500000.0, "rms_norm_eps": 1e-5,
       "tie_word_embeddings": true, "bos_token_id": 128000, "eos_token_id": 128001,
       "torch_dtype": "bfloat16"}""";

  @TempDir private Path folder;

  @Test
  void takesLoraStepsWithin12Gigabytes() throws Exception {
    assumeTrue(
        Proc.megabytes(Path.of("/proc/meminfo"), "MemAvailable:") > MOST_MEGABYTES,
        "needs 12 GB of free memory");
    write(folder);
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Steps.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    List<String> lines = child.inputReader().lines().toList();
    assertThat(child.waitFor()).as("%s", lines).isZero();
    // What it took: seconds, and the peak.
    System.out.println(lines);
    List<Double> losses =
        lines.stream()
            .filter(line -> line.startsWith("loss "))
            .map(line -> Double.parseDouble(line.substring(5)))
            .toList();
    assertThat(losses).hasSize(3).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    assertThat(lines).contains("parameters " + PARAMETERS);
    double peak = Double.parseDouble(lines.get(lines.size() - 1).replace("peak MB ", ""));
    assertThat(peak).isBetween(2.0 * PARAMETERS / (1 << 20), (double) MOST_MEGABYTES);
  }

  /** A file a layer, so that no more than the largest tensor is in memory. */
  private static void write(Path folder) throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (long layer = 0; layer < LAYERS; layer++) {
      String at = "model.layers." + layer + ".";
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      tensors.put(at + "input_layernorm.weight", ones());
      tensors.put(at + "post_attention_layernorm.weight", ones());
      draw(tensors, at + "self_attn.q_proj.weight", HIDDEN, HIDDEN);
      draw(tensors, at + "self_attn.k_proj.weight", KEYS, HIDDEN);
      draw(tensors, at + "self_attn.v_proj.weight", KEYS, HIDDEN);
      draw(tensors, at + "self_attn.o_proj.weight", HIDDEN, HIDDEN);
      draw(tensors, at + "mlp.gate_proj.weight", INNER, HIDDEN);
      draw(tensors, at + "mlp.up_proj.weight", INNER, HIDDEN);
      draw(tensors, at + "mlp.down_proj.weight", HIDDEN, INNER);
      write(folder, "layer-%02d.safetensors".formatted(layer), tensors, files);
    }
    Map<String, StoredTensor> ends = new LinkedHashMap<>();
    ends.put("model.norm.weight", ones());
    draw(ends, "model.embed_tokens.weight", VOCABULARY, HIDDEN);
    write(folder, "ends.safetensors", ends, files);
    Files.writeString(folder.resolve("config.json"), CONFIG);
    new ObjectMapper()
        .writeValue(
            folder.resolve("model.safetensors.index.json").toFile(),
            Map.of("metadata", Map.of("total_size", 2 * PARAMETERS), "weight_map", files));
  }

  private static void write(
      Path folder, String file, Map<String, StoredTensor> tensors, Map<String, String> files)
      throws IOException {
    Safetensors.write(folder.resolve(file), tensors, Map.of("format", "pt"));
    tensors.keySet().forEach(name -> files.put(name, file));
  }

  private static StoredTensor ones() {
    ByteBuffer bytes = ByteBuffer.allocate((int) HIDDEN * 2).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      bytes.putShort((short) 0x3f80);
    }
    return new StoredTensor(DType.BFLOAT16, new long[] {HIDDEN}, bytes.flip());
  }

  /** Of either sign, from 2^-9 to 2^-5: four random numbers of 16 bits from one of 64. */
  private static void draw(Map<String, StoredTensor> into, String name, long... shape) {
    long n = LongStream.of(shape).reduce(1, Math::multiplyExact);
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(2 * n)).order(ByteOrder.LITTLE_ENDIAN);
    SplittableRandom random = Key.of(3).fold(name).random();
    long exponent = (127 - 9) << 7;
    while (bytes.hasRemaining()) {
      long bits = random.nextLong() & 0x81ff_81ff_81ff_81ffL;
      bytes.putLong(bits + (exponent | exponent << 16 | exponent << 32 | exponent << 48));
    }
    into.put(name, new StoredTensor(DType.BFLOAT16, shape, bytes.flip()));
  }

  /** The process that is measured: load, adapt, three steps on 512 tokens. */
  static final class Steps {

    private Steps() {}

    public static void main(String[] args) throws IOException {
      long began = System.nanoTime();
      LanguageModel model = LanguageModel.load(Path.of(args[0]));
      System.out.println("loaded after s " + (System.nanoTime() - began) / 1e9);
      LanguageModel adapted =
          Adapters.add(model, LoraConfig.of(8, 16, Targets.allLinear()), Key.of(1));
      System.out.println("parameters " + ParameterCount.of(adapted).base());
      SplittableRandom random = Key.of(2).random();
      List<TokenizedExample> examples = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        examples.add(
            new TokenizedExample(
                random.ints(97, 0, VOCABULARY).toArray(),
                random.ints(32, 0, VOCABULARY).toArray(),
                0));
      }
      PackedBatch batch = PackedBatch.of(examples);
      Training.of(
              TrainingConfig.defaults(3, new Schedule.Constant(1e-3, 0)),
              LanguageModelObjective.of(adapted),
              Batches.single(step -> LanguageModelObjective.batch(batch)))
          .observedBy(
              event -> {
                System.out.println("loss " + event.number("loss"));
                return Signal.CONTINUE;
              })
          .run(adapted.params(Adapter.class));
      System.out.println("done after s " + (System.nanoTime() - began) / 1e9);
      System.out.println("peak MB " + Proc.megabytes(Path.of("/proc/self/status"), "VmHWM:"));
    }
  }

  /** Sizes that Linux tells. */
  private static final class Proc {

    private Proc() {}

    static double megabytes(Path file, String key) throws IOException {
      try (Stream<String> lines = Files.lines(file)) {
        String line = lines.filter(l -> l.startsWith(key)).findFirst().orElseThrow();
        return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
      }
    }
  }
}
