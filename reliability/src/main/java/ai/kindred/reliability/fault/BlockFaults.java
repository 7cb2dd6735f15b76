package ai.kindred.reliability.fault;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Faults in the parameters of a DJL block, of which a TorchScript model is one: in the memory that
 * the block itself computes with, until closed. Nothing else may write the parameters meanwhile.
 *
 * <pre>{@code
 * Block block = model.getBlock();
 * FaultList faults = FaultList.draw(new FaultModel.ExactCount(1e-5), BlockFaults.bits(block), key);
 * try (BlockFaults in = BlockFaults.into(block, faults)) { .. predictor.predict(image) .. }
 * }</pre>
 *
 * <p>Parameters are called as DJL calls them. Those in types that DJL cannot map to memory,
 * bfloat16 and int16 with PyTorch, end the Java process when touched; give models in float32,
 * float16, float64 or int8.
 */
public final class BlockFaults implements AutoCloseable {

  private static final Set<DataType> TYPES =
      EnumSet.of(
          DataType.FLOAT16,
          DataType.FLOAT32,
          DataType.FLOAT64,
          DataType.UINT8,
          DataType.INT8,
          DataType.INT32,
          DataType.INT64);

  @SuppressWarnings("ArrayRecordComponent") // kept to be put back, never compared
  private record Before(NDArray array, byte[] bytes) {}

  private final List<Before> hits = new ArrayList<>();

  private BlockFaults() {}

  private static Map<String, NDArray> arrays(Block block) {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    for (Pair<String, Parameter> p : block.getParameters()) {
      if (p.getValue().isInitialized()) {
        NDArray array = p.getValue().getArray();
        if (TYPES.contains(array.getDataType())) {
          arrays.put(p.getKey(), array);
        }
      }
    }
    return arrays;
  }

  /**
   * Number of bits of each parameter.
   *
   * @throws IllegalArgumentException where the block has none that has been initialised
   */
  public static Map<String, Long> bits(Block block) {
    Map<String, Long> bits = new LinkedHashMap<>();
    arrays(block)
        .forEach(
            (name, a) ->
                bits.put(name, (long) Byte.SIZE * a.getDataType().getNumOfBytes() * a.size()));
    if (bits.isEmpty()) {
      throw new IllegalArgumentException(
          "the block has no parameters; load or initialise it before");
    }
    return bits;
  }

  /**
   * Puts faults in.
   *
   * @throws IllegalArgumentException where a fault names no parameter or no bit of it; nothing is
   *     changed then
   */
  public static BlockFaults into(Block block, FaultList faults) {
    Map<String, NDArray> arrays = arrays(block);
    Map<String, Long> bits = bits(block);
    for (Fault f : faults.faults()) {
      if (f.bit() < 0 || f.bit() >= bits.getOrDefault(f.tensor(), 0L)) {
        throw new IllegalArgumentException(
            "no bit " + f.bit() + " of a parameter " + f.tensor() + "; there are " + bits);
      }
    }
    BlockFaults injection = new BlockFaults();
    faults
        .byTensor()
        .forEach(
            (name, own) -> {
              NDArray array = arrays.get(name);
              if (array != null) {
                byte[] before = bytes(array);
                injection.hits.add(new Before(array, before));
                write(array, hit(before, own));
              }
            });
    return injection;
  }

  private static byte[] bytes(NDArray array) {
    ByteBuffer read = array.toByteBuffer(false);
    byte[] bytes = new byte[read.remaining()];
    read.get(bytes);
    return bytes;
  }

  private static byte[] hit(byte[] before, List<Fault> faults) {
    byte[] after = before.clone();
    for (Fault f : faults) {
      int at = (int) (f.bit() / Byte.SIZE);
      after[at] = FaultyTree.struck(after[at], f);
    }
    return after;
  }

  /** A loaded TorchScript model lets nobody set its parameters, but its memory can be written. */
  private static void write(NDArray array, byte[] bytes) {
    ByteBuffer memory = array.toByteBuffer(true);
    if (memory.isDirect()) {
      memory.put(bytes);
    } else {
      array.set(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }
  }

  /** Puts every parameter back to what it was. */
  @Override
  public void close() {
    for (Before hit : hits) {
      write(hit.array(), hit.bytes());
    }
    hits.clear();
  }
}
