package ai.kindred.reliability;

import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.CausalLm;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.nn.Dense;
import ai.kindred.core.nn.Embedding;
import ai.kindred.core.nn.Linear;
import ai.kindred.reliability.Arena.Span;
import ai.kindred.reliability.ProtectedFolder.BadBlock;
import ai.kindred.reliability.ProtectedFolder.Checked;
import ai.kindred.reliability.code.Repairs;
import ai.kindred.reliability.code.Secded72;
import ai.kindred.reliability.code.TripleModularRedundancy;
import ai.kindred.reliability.code.WordCode;
import ai.kindred.reliability.code.Words;
import ai.kindred.reliability.fit.Format;
import ai.kindred.reliability.fit.Shares;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts what a file of protected memory holds into the frame of a network. */
final class ProtectedReader {

  private static final String HEAD = "lm_head";

  private final SafetensorsFile file;
  private final Path path;
  private final Reading reading;
  private final Doubles doubles;
  private final Map<String, ProtectedTensor> memory = new LinkedHashMap<>();
  private final List<ProtectedLayer> layers = new ArrayList<>();
  private final List<BadBlock> bad = new ArrayList<>();
  private final List<BadBlock> left = new ArrayList<>();
  private Repairs repairs = Repairs.NONE;
  private long checkedBytes;
  private ProductMemory place;

  ProtectedReader(SafetensorsFile file, Path path, Reading reading, Doubles doubles) {
    this.file = file;
    this.path = path;
    this.reading = reading;
    this.doubles = doubles;
    this.place = ProductMemory.of(List.of(), reading);
  }

  /** The network with stored weights in place of its own. */
  LanguageModel fill(LanguageModel frame) {
    CausalLm base = frame.base();
    boolean headIsApart = file.metadata().containsKey(HEAD) && base.lmHead() == null;
    Linear head =
        headIsApart ? new Dense(base.model().embedTokens().weight(), null) : base.lmHead();
    LanguageModel headed =
        new LanguageModel(
            new CausalLm(base.model(), head, base.finalSoftcap()),
            frame.config(),
            null,
            null,
            null);
    place = ProductMemory.of(Tree.parts(headed, Linear.class).values(), reading);
    LanguageModel products =
        Tree.rewrite(headed, Linear.class, (name, l) -> unchecked(() -> product(name, l)));
    LanguageModel tables =
        Tree.rewrite(products, Embedding.class, (name, e) -> unchecked(() -> table(name, e)));
    return Tree.mapPaths(
        tables, (name, t) -> memory.containsKey(name) ? t : unchecked(() -> leaf(name, t)));
  }

  ProtectedModel of(LanguageModel model) {
    return new ProtectedModel(model, List.copyOf(memory.values()), layers, List.of(), doubles);
  }

  Checked checked() {
    return new Checked(checkedBytes, bad, repairs, left);
  }

  private interface Body<T> {
    T run() throws IOException;
  }

  private static <T> T unchecked(Body<T> body) {
    try {
      return body.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private Linear product(String name, Linear frame) throws IOException {
    String given = file.metadata().get(name);
    if (given == null || !(frame instanceof Dense dense)) {
      return frame;
    }
    Format format;
    try {
      format = Format.valueOf(given);
    } catch (IllegalArgumentException e) {
      throw new IOException(in(name) + " has the format " + given + ", which is not known", e);
    }
    int out = Math.toIntExact(frame.out());
    int in = Math.toIntExact(frame.in());
    ProtectedTensor weight =
        memory(
            name + ".weight",
            Math.multiplyExact(out, in),
            format.code(),
            place.weights(Math.multiplyExact(out, in)));
    place.copyOf(weight);
    ProtectedTensor scales =
        memory(
            name + ".scale",
            Math.multiplyExact(out, Float.BYTES),
            new TripleModularRedundancy(),
            place.scales(out));
    Tensor bias = dense.bias() == null ? null : small(name + ".bias", DType.FLOAT32, out);
    Tensor order = format == Format.PERMUTED ? order(name + ".order", in) : null;
    layers.add(
        new ProtectedLayer(
            name,
            (long) out * in,
            format,
            Shares.of(weight.weights()),
            Double.NaN,
            Double.NaN,
            Double.NaN));
    return ProtectedInt8.of(format, weight, scales, bias, order, reading);
  }

  private Embedding table(String name, Embedding frame) throws IOException {
    String given = file.metadata().get(name);
    if (given == null) {
      return frame;
    }
    DType dtype;
    try {
      dtype = DType.valueOf(given);
    } catch (IllegalArgumentException e) {
      throw new IOException(in(name) + " has rows of " + given + ", which is not a type", e);
    }
    long[] shape = frame.weight().lengths();
    int bytes = Math.toIntExact(Math.multiplyExact(shape[0] * shape[1], (long) dtype.bytes()));
    return ProtectedTable.of(
        memory(name + ProtectedTable.LEAF, bytes, new Secded72(), Span.own(bytes)),
        dtype,
        shape[0]);
  }

  /** A permutation: anything else would read beside the inputs. */
  private Tensor order(String name, int n) throws IOException {
    Tensor order = stored(name, DType.INT64, n);
    boolean[] seen = new boolean[n];
    for (long i : order.toLongs()) {
      if (i < 0 || i >= n || seen[(int) i]) {
        throw new IOException(in(name) + " is no order of " + n + " inputs");
      }
      seen[(int) i] = true;
    }
    return order;
  }

  private Tensor leaf(String name, Tensor frame) throws IOException {
    if (name.endsWith(".signs")) {
      return frame; // follows from the format
    }
    if (TripleModularRedundancy.NAME.equals(file.metadata().get(name))) {
      DType dtype = frame.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
      return small(name, dtype, frame.lengths());
    }
    return stored(name, null, frame.lengths());
  }

  private Tensor small(String name, DType dtype, long... shape) throws IOException {
    long bytes = dtype.bytes();
    for (long n : shape) {
      bytes *= n;
    }
    int size = Math.toIntExact(bytes);
    return memory(name, size, new TripleModularRedundancy(), Span.own(size)).tensor(dtype, shape);
  }

  /** A tensor that is not protected: its blocks are checked and that is all. */
  private Tensor stored(String name, @Nullable DType dtype, long... shape) throws IOException {
    StoredTensor t = file.get(name);
    long elements = 1;
    for (long n : shape) {
      elements *= n;
    }
    if (t.elements() != elements || (dtype != null && t.dtype() != dtype)) {
      throw new IOException(in(name) + " is " + t + "; config.json asks for " + elements);
    }
    checkedBytes += t.data().remaining();
    List<BadBlock> found = blocks(name, t.data());
    bad.addAll(found);
    left.addAll(found);
    raise(found);
    return Tensor.of(t.data(), t.dtype(), shape).copy();
  }

  private ProtectedTensor memory(String name, int bytes, WordCode code, Span span)
      throws IOException {
    Words words = Words.over(span.bytes(), code.checkBytes());
    words.bytes().put(bytes(name, words.bytes().remaining()));
    if (code.checkBytes() > 0) {
      String beside = name + ProtectedFolder.CHECKS;
      words.checks().put(bytes(beside, words.checks().remaining()));
    }
    List<BadBlock> before = blocks(name, words);
    ProtectedTensor kept = ProtectedTensor.encoded(name, span, words, bytes, code);
    if (!before.isEmpty()) {
      repairs = repairs.plus(kept.scrub(doubles));
      List<BadBlock> after = blocks(name, words);
      left.addAll(after);
      raise(after);
    }
    bad.addAll(before);
    checkedBytes += words.bits() / Byte.SIZE;
    memory.put(name, kept);
    return kept;
  }

  private void raise(List<BadBlock> blocks) {
    if (!blocks.isEmpty() && doubles == Doubles.RAISE) {
      throw new UncorrectableException(
          in(blocks.get(0).tensor())
              + ": block "
              + blocks.get(0).block()
              + " of 4096 bytes is damaged beyond repair");
    }
  }

  private List<BadBlock> blocks(String name, Words words) throws IOException {
    List<BadBlock> found = blocks(name, words.bytes());
    if (words.checkBytes() > 0) {
      found.addAll(blocks(name + ProtectedFolder.CHECKS, words.checks()));
    }
    return found;
  }

  private List<BadBlock> blocks(String name, ByteBuffer bytes) throws IOException {
    StoredTensor stored = file.get(name + ProtectedFolder.CRC);
    int[] checks = new int[(bytes.remaining() + BlockChecks.BLOCK - 1) / BlockChecks.BLOCK];
    if (stored.dtype() != DType.INT32 || stored.elements() != checks.length) {
      throw new IOException(
          in(name) + " has block checks " + stored + "; INT32 [" + checks.length + "] are needed");
    }
    stored.data().asIntBuffer().get(checks);
    List<BadBlock> found = new ArrayList<>();
    BlockChecks.bad(bytes, checks).forEach(block -> found.add(new BadBlock(name, block)));
    return found;
  }

  private ByteBuffer bytes(String name, int size) throws IOException {
    StoredTensor stored = file.get(name);
    if (stored.data().remaining() != size) {
      throw new IOException(
          in(name) + " has " + stored.data().remaining() + " bytes; config.json asks for " + size);
    }
    return stored.data();
  }

  private String in(String tensor) {
    return path + ": " + tensor;
  }
}
