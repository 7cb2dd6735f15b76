package ai.kindred.reliability.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.fault.Fault.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockFaultsTest {

  private static final String ENGINE = "PyTorch";

  @TempDir private Path folder;

  private static float[] run(Block block, NDManager manager, float... x) {
    try (NDManager inner = manager.newSubManager()) {
      NDArray in = inner.create(x, new Shape(1, x.length));
      return block
          .forward(new ParameterStore(inner, false), new NDList(in), false)
          .singletonOrThrow()
          .toFloatArray();
    }
  }

  /** Bit 31 of a float is its sign. */
  private static FaultList signOfFirst(String parameter) {
    return new FaultList(List.of(new Fault(parameter, 31, Kind.FLIP)));
  }

  @Test
  void aBlockComputesWithItsFaultsUntilTheyAreTakenBack() {
    try (NDManager manager = NDManager.newBaseManager(ENGINE)) {
      Block block = Linear.builder().setUnits(2).build();
      block.setInitializer(Initializer.ONES, Parameter.Type.WEIGHT);
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      Map<String, Long> bits = BlockFaults.bits(block);
      assertThat(bits).containsEntry("weight", 6L * 32).containsEntry("bias", 2L * 32);
      assertThat(run(block, manager, 5, 7, 11)).containsExactly(23, 23);
      try (BlockFaults in = BlockFaults.into(block, signOfFirst("weight"))) {
        assertThat(in).isNotNull();
        assertThat(run(block, manager, 5, 7, 11)).containsExactly(13, 23);
      }
      assertThat(run(block, manager, 5, 7, 11)).containsExactly(23, 23);
      FaultList drawn = FaultList.draw(new FaultModel.ExactCount(0.1), bits, Key.of(1));
      try (BlockFaults in = BlockFaults.into(block, drawn)) {
        assertThat(in).isNotNull();
        assertThat(run(block, manager, 5, 7, 11)).isNotEqualTo(new float[] {23, 23});
      }
      assertThat(run(block, manager, 5, 7, 11)).containsExactly(23, 23);
    }
  }

  @Test
  void aTorchScriptModelToo() throws IOException, MalformedModelException {
    write(folder.resolve("scale.pt"), 2, 3, 5);
    try (Model model = Model.newInstance("scale", ENGINE)) {
      model.load(folder, "scale");
      Block block = model.getBlock();
      NDManager manager = model.getNDManager();
      assertThat(run(block, manager, 1, 1, 1)).containsExactly(2, 3, 5);
      String name = BlockFaults.bits(block).keySet().iterator().next();
      assertThat(BlockFaults.bits(block)).containsExactly(Map.entry(name, 3L * 32));
      try (BlockFaults in = BlockFaults.into(block, signOfFirst(name))) {
        assertThat(in).isNotNull();
        assertThat(run(block, manager, 1, 1, 1)).containsExactly(-2, 3, 5);
      }
      assertThat(run(block, manager, 1, 1, 1)).containsExactly(2, 3, 5);
    }
  }

  @Test
  void whatCannotBeIsTold() {
    try (NDManager manager = NDManager.newBaseManager(ENGINE)) {
      Block block = Linear.builder().setUnits(2).build();
      assertThatThrownBy(() -> BlockFaults.bits(block))
          .hasMessageContaining("load or initialise it");
      block.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
      assertThatThrownBy(() -> BlockFaults.into(block, signOfFirst("gamma")))
          .hasMessageContaining("no bit 31 of a parameter gamma; there are {weight=192");
      FaultList beyond = new FaultList(List.of(new Fault("bias", 64, Kind.FLIP)));
      assertThatThrownBy(() -> BlockFaults.into(block, beyond)).hasMessageContaining("no bit 64");
    }
  }

  /** A TorchScript archive of {@code x * w}, w a parameter, written as PyTorch writes it. */
  private static void write(Path file, float... w) throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    text(pickle, "\u0080\u0002c__torch__\nK\n)\u0081}(");
    string(pickle, "training");
    text(pickle, "\u0089");
    string(pickle, "w");
    text(pickle, "ctorch._utils\n_rebuild_tensor_v2\n((");
    string(pickle, "storage");
    text(pickle, "ctorch\nFloatStorage\n");
    string(pickle, "0");
    string(pickle, "cpu");
    text(pickle, "K" + (char) w.length + "tQK\u0000K" + (char) w.length + "\u0085K\u0001\u0085");
    text(pickle, "\u0089ccollections\nOrderedDict\n)RtRub.");
    ByteBuffer data = ByteBuffer.allocate(4 * w.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float x : w) {
      data.putFloat(x);
    }
    String code =
        """
        class K(Module):
          __parameters__ = ["w", ]
          __buffers__ = []
          training : bool
          w : Tensor
          def forward(self: __torch__.K, x: Tensor) -> Tensor:
            w = self.w
            return torch.mul(x, w)
        """;
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "m/data.pkl", pickle.toByteArray());
      put(zip, "m/data/0", data.array());
      put(zip, "m/constants.pkl", "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1));
      put(zip, "m/version", "10\n".getBytes(StandardCharsets.US_ASCII));
      put(zip, "m/code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void text(ByteArrayOutputStream pickle, String bytes) {
    pickle.writeBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void string(ByteArrayOutputStream pickle, String s) {
    text(pickle, "X" + (char) s.length() + "\u0000\u0000\u0000" + s);
  }

  private static void put(ZipOutputStream zip, String name, byte[] data) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(data);
    entry.setSize(data.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(data);
    zip.closeEntry();
  }
}
