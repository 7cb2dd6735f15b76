package ai.kindred.reliability.network;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.TensorSource;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ResNet-20, 32, 44, 56 and 110 for images of 32 x 32 in colour, as others have trained them. Read
 * from safetensors by the names of torchvision's ResNets ({@code layer1.0.conv1.weight}, {@code
 * downsample.0}, {@code fc}) or of akamaster's CIFAR ResNets ({@code shortcut.0}, {@code linear},
 * everything under {@code module.} where it was saved from data-parallel training). Where a block
 * that changes channels has no weights for it, it pads (option A of He et al.).
 */
public final class CifarResNet {

  private static final int WIDTH = 16;
  private static final int COLOURS = 3;

  private CifarResNet() {}

  /**
   * Reads a network; the file tells its depth and classes.
   *
   * @throws MalformedFileException where it is not such a network, naming the tensor
   */
  public static ResNet load(Path file) throws IOException {
    try (TensorSource source = TensorSource.open(file)) {
      Map<String, String> names = names(source);
      int blocks = 0;
      while (names.containsKey("layer1." + blocks + ".conv1.weight")) {
        blocks++;
      }
      String fc = names.get("fc.weight");
      if (blocks == 0 || fc == null || source.shape(fc).length != 2) {
        throw new MalformedFileException(
            file,
            "it is no ResNet for CIFAR: such a file has layer1.0.conv1.weight and fc.weight (or"
                + " linear.weight) of two axes");
      }
      boolean projected = names.containsKey("layer2.0.downsample.0.weight");
      int classes = Math.toIntExact(source.shape(fc)[0]);
      ResNet.Sizes sizes = new ResNet.Sizes(blocks, COLOURS, WIDTH, 1, projected, classes);
      return Scope.tidy(() -> filled(ResNet.random(Key.of(0), sizes), source, names, file));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static ResNet filled(
      ResNet template, TensorSource source, Map<String, String> names, Path file) {
    try {
      return Filling.fill(template, source, names, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Our name of each tensor, and the file's. Counters of batches are not needed. */
  private static Map<String, String> names(TensorSource source) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : source.names()) {
      String own =
          name.replaceFirst("^module\\.", "")
              .replaceFirst("^linear\\.", "fc.")
              .replace(".shortcut.", ".downsample.");
      if (!own.endsWith("num_batches_tracked")) {
        names.put(own, name);
      }
    }
    return names;
  }

  /** Layers with weights: 6n + 2. */
  public static int depth(ResNet network) {
    return 6 * network.layer1().size() + 2;
  }
}
