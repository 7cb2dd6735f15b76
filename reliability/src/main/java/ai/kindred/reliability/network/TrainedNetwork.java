package ai.kindred.reliability.network;

import ai.kindred.core.config.Configs;
import ai.kindred.core.config.Doc;
import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.io.TensorSource;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Layer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A network that was trained here, as its folder holds it: {@code network.json} and {@code
 * model.safetensors}. Normalisations are folded. Where it was trained for int8 its weights are
 * whole multiples of their steps and its layers quantise what they are given.
 *
 * <pre>{@code
 * TrainedNetwork t = TrainedNetwork.load(folder);
 * new ClassifierTarget<>(t.network(), TrainedNetwork::isWeight, t.steps(), Network::logits, images, labels, 500);
 * }</pre>
 *
 * @param config which network, and how it was trained
 * @param network ready to run; paths of weights are those of the architecture
 * @param steps int8 step of each weight by path, which training has kept to; empty for floats
 * @param ranges greatest absolute input of each layer by path, as quantised; empty for floats
 */
public record TrainedNetwork(
    Config config, Network network, Map<String, Double> steps, Map<String, Double> ranges) {

  private static final String CONFIG = "network.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final String STEP = "_step";
  private static final String RANGE = ".input_range";

  /**
   * Which network.
   *
   * @param architecture its form
   * @param method how it was trained
   * @param seed of its training
   */
  public record Config(
      @Doc("form of the network") Architecture architecture,
      @Doc("how it was trained") Method method,
      @Doc("seed of its training") long seed) {}

  /** How a network was trained. */
  public enum Method {
    /** In floats. */
    FLOAT,
    /** Quantisation-aware, to int8. */
    INT8,
    /** Quantisation-aware with throttling: seven small weights in each eight. */
    QATT,
    /** By the alternating direction method of multipliers, then clamped: the paper's failed way. */
    ADMM
  }

  /** Copies. */
  public TrainedNetwork {
    steps = Map.copyOf(steps);
    ranges = Map.copyOf(ranges);
  }

  /** A folded network and its layers' quantisation, put together. */
  public static TrainedNetwork of(
      Config config, Network folded, Map<String, Double> steps, Map<String, Double> ranges) {
    Set<String> unused = new TreeSet<>(ranges.keySet());
    Network quantised =
        Tree.rewrite(
            folded,
            Layer.class,
            (path, layer) -> {
              Double range = ranges.get(path);
              return range != null && unused.remove(path)
                  ? new QuantisedInput(layer, range)
                  : layer;
            });
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException("no layer is called " + unused.iterator().next());
    }
    return new TrainedNetwork(config, quantised, steps, ranges);
  }

  /** Whether a leaf is a weight, as opposed to a bias. */
  public static boolean isWeight(String path) {
    return path.endsWith("weight");
  }

  /** Number of weights, biases not counted. */
  public long weights() {
    return Tree.params(network, TrainedNetwork::isWeight).elements();
  }

  /** Writes the folder, whole or not at all. */
  public void save(Path folder) throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Tree.leaves(network)
        .forEach(
            (path, t) -> tensors.put(path, new StoredTensor(t.dtype(), t.lengths(), t.toBytes())));
    steps.forEach(
        (path, s) -> tensors.put(path + STEP, StoredTensor.of(new float[] {s.floatValue()}, 1)));
    ranges.forEach(
        (path, r) -> tensors.put(path + RANGE, StoredTensor.of(new float[] {r.floatValue()}, 1)));
    AtomicFiles.writeFolder(
        folder,
        into -> {
          AtomicFiles.writeString(into.resolve(CONFIG), Configs.toJson(config));
          Safetensors.write(into.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
        });
  }

  /**
   * Reads a folder that {@link #save} wrote.
   *
   * @throws IOException where it is not such a folder, naming what is wrong
   */
  public static TrainedNetwork load(Path folder) throws IOException {
    Config config = Configs.read(Config.class, folder.resolve(CONFIG));
    Path file = folder.resolve(WEIGHTS);
    try (TensorSource source = TensorSource.open(file)) {
      Map<String, String> names = new LinkedHashMap<>();
      Map<String, Double> steps = new LinkedHashMap<>();
      Map<String, Double> ranges = new LinkedHashMap<>();
      for (String name : source.names()) {
        if (name.endsWith(STEP)) {
          steps.put(without(name, STEP), number(source, name, file));
        } else if (name.endsWith(RANGE)) {
          ranges.put(without(name, RANGE), number(source, name, file));
        } else {
          names.put(name, name);
        }
      }
      Network network =
          Scope.tidy(
              () -> {
                Network template = config.architecture().random(Key.of(0)).folded();
                try {
                  return Filling.fill(template, source, names, file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      return of(config, network, steps, ranges);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static String without(String name, String ending) {
    return name.substring(0, name.length() - ending.length());
  }

  private static double number(TensorSource source, String name, Path file) throws IOException {
    float[] numbers = source.get(name).toFloats();
    if (numbers.length != 1 || !(numbers[0] > 0 && numbers[0] < Float.POSITIVE_INFINITY)) {
      throw new MalformedFileException(
          file, name + " is " + Arrays.toString(numbers) + "; one number above 0 is right");
    }
    return numbers[0];
  }
}
