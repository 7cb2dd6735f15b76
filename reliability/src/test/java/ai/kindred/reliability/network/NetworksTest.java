package ai.kindred.reliability.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.Safetensors;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Dim;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.BatchNorm;
import ai.kindred.reliability.network.TrainedNetwork.Config;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworksTest {

  private static final Key KEY = Key.of(5).fold("networks");

  @TempDir private Path folder = Path.of("");
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor images(int n, int channels, int side) {
    return Tensor.rand(
        Tensor.of(KEY.fold("images")),
        DType.FLOAT32,
        Dim.of(n),
        Dim.of(channels),
        Dim.of(side),
        Dim.of(side));
  }

  @ParameterizedTest
  @EnumSource
  void foldingChangesNothingAndLeavesOnlyWeightsAndBiases(Architecture architecture) {
    Network network =
        BatchNorm.measured(architecture.random(KEY), Network::logits, List.of(images(8, 1, 28)));
    Network folded = network.folded();
    Tensor x = images(3, 1, 28);
    Tensor logits = network.logits(x);
    assertThat(logits.lengths()).containsExactly(3, 10);
    assertThat(folded.logits(x).toDoubles()).containsExactly(logits.toDoubles(), within(1e-3));
    assertThat(Tree.leaves(folded).keySet())
        .allMatch(path -> path.endsWith(".weight") || path.endsWith(".bias"));
    Tree.leaves(folded)
        .forEach(
            (path, t) ->
                assertThat(t.rank() > 1).as(path).isEqualTo(TrainedNetwork.isWeight(path)));
  }

  @Test
  void aFolderGivesTheNetworkBack() throws IOException {
    Network folded = Architecture.SQUEEZENET.random(KEY).folded();
    TrainedNetwork made =
        TrainedNetwork.of(
            new Config(Architecture.SQUEEZENET, Method.INT8, 3),
            folded,
            Map.of("features.0.weight", 0.5),
            Map.of("features.0", 1.5, "classifier", 2.0));
    Path into = folder.resolve("network");
    made.save(into);
    TrainedNetwork read = TrainedNetwork.load(into);
    assertThat(read.config()).isEqualTo(made.config());
    assertThat(read.steps()).isEqualTo(made.steps());
    assertThat(read.ranges()).isEqualTo(made.ranges());
    Tensor x = images(2, 1, 28);
    assertThat(read.network().logits(x).toFloats())
        .containsExactly(made.network().logits(x).toFloats());
    assertThat(read.network().logits(x).toFloats()).isNotEqualTo(folded.logits(x).toFloats());
  }

  @Test
  void aFolderThatIsNotOneIsRefused() throws IOException {
    TrainedNetwork.of(
            new Config(Architecture.CNN, Method.FLOAT, 1),
            Architecture.CNN.random(KEY),
            Map.of(),
            Map.of())
        .save(folder.resolve("cnn"));
    Path config = folder.resolve("cnn/network.json");
    Files.writeString(config, Files.readString(config).replaceAll("(?i)cnn", "squeezenet"));
    assertThatThrownBy(() -> TrainedNetwork.load(folder.resolve("cnn")))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("it has no features.0.weight [32, 1, 3, 3]");
    assertThatThrownBy(() -> TrainedNetwork.load(folder.resolve("absent")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("network.json");
    assertThatThrownBy(
            () ->
                TrainedNetwork.of(
                    new Config(Architecture.CNN, Method.INT8, 1),
                    Architecture.CNN.random(KEY),
                    Map.of(),
                    Map.of("conv7", 1.0)))
        .hasMessage("no layer is called conv7");
  }

  /** A file of a network's numbers under other names. */
  private Path file(Object network, UnaryOperator<String> names, Map<String, StoredTensor> others)
      throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Tree.leaves(network)
        .forEach(
            (path, t) ->
                tensors.put(names.apply(path), StoredTensor.of(t.toFloats(), t.lengths())));
    tensors.putAll(others);
    Path file = folder.resolve("resnet.safetensors");
    Safetensors.write(file, tensors, Map.of());
    return file;
  }

  private static ResNet cifar(int blocks, boolean projected) {
    return ResNet.random(KEY, new ResNet.Sizes(blocks, 3, 16, 1, projected, 10));
  }

  @Test
  void readsAkamastersNames() throws IOException {
    ResNet network = cifar(3, false);
    Path file =
        file(
            network,
            path -> "module." + path.replace("fc.", "linear."),
            Map.of("module.bn1.num_batches_tracked", StoredTensor.of(new long[] {7})));
    ResNet read = CifarResNet.load(file);
    assertThat(CifarResNet.depth(read)).isEqualTo(20);
    Tensor x = images(2, 3, 32);
    assertThat(read.logits(x).toFloats()).containsExactly(network.logits(x).toFloats());
  }

  @Test
  void readsTorchvisionsNamesAndEveryDepth() throws IOException {
    for (int blocks : new int[] {5, 7, 9}) {
      ResNet network = cifar(blocks, true);
      ResNet read = CifarResNet.load(file(network, path -> path, Map.of()));
      assertThat(CifarResNet.depth(read)).isEqualTo(6 * blocks + 2);
      assertThat(Tree.leaves(read).keySet())
          .isEqualTo(Tree.leaves(network).keySet())
          .contains("layer2.0.downsample.0.weight", "layer3.4.bn2.running_var", "fc.bias");
    }
  }

  @Test
  void aPaddedBlockTakesEverySecondPixelAndPadsChannels() {
    Tensor x = images(1, 2, 4);
    Tensor y = new ResidualBlock.Padded(2).apply(x);
    assertThat(y.lengths()).containsExactly(1, 4, 2, 2);
    float[] from = x.toFloats();
    assertThat(y.select(1, 0).contiguous().toFloats()).containsOnly(0);
    assertThat(y.select(1, 3).contiguous().toFloats()).containsOnly(0);
    assertThat(y.select(1, 1).contiguous().toFloats())
        .containsExactly(new float[] {from[0], from[2], from[8], from[10]}, within(1e-6f));
  }

  @Test
  void namesWhatDoesNotFit() throws IOException {
    ResNet network = cifar(1, true);
    StoredTensor odd = StoredTensor.of(new float[32 * 8 * 9], 32, 8, 3, 3);
    assertThatThrownBy(
            () ->
                CifarResNet.load(file(network, path -> path, Map.of("layer2.0.conv1.weight", odd))))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining(
            "layer2.0.conv1.weight has the shape [32, 8, 3, 3]; the network has [32, 16, 3, 3]");
    assertThatThrownBy(
            () -> CifarResNet.load(file(network, path -> path, Map.of("layer4.0.bias", odd))))
        .hasMessageContaining("it has layer4.0.bias, which is no part of the network");
    assertThatThrownBy(
            () ->
                CifarResNet.load(
                    file(network, path -> path.replace("bn1.weight", "bn1.w"), Map.of())))
        .hasMessageContaining("it has no bn1.weight [16]");
    assertThatThrownBy(
            () -> CifarResNet.load(file(Architecture.CNN.random(KEY), path -> path, Map.of())))
        .hasMessageContaining("it is no ResNet for CIFAR");
    StoredTensor bad = StoredTensor.of(new float[] {1, Float.NaN, 1, 1, 1, 1, 1, 1, 1, 1}, 10);
    assertThatThrownBy(() -> CifarResNet.load(file(network, path -> path, Map.of("fc.bias", bad))))
        .hasMessageContaining("element 1 of fc.bias is NaN");
  }
}
