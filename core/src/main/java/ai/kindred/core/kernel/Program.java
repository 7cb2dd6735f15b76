package ai.kindred.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A TorchScript text loaded into libtorch. The archive is a zip of four stored entries: a pickled
 * module object without attributes of its own, an empty tuple of constants, the format version, and
 * the text.
 */
final class Program {

  /**
   * The version that libtorch 2.7 writes; an older one would run its upgraders on some operations.
   */
  private static final String VERSION = "10\n";

  private static final byte[] MODULE = module();
  private static final byte[] CONSTANTS = {(byte) 0x80, 2, ')', '.'};
  private static final Pattern LINE = Pattern.compile("__torch__\\.py\", line (\\d+)");

  private final PtSymbolBlock block;

  private Program(PtSymbolBlock block) {
    this.block = block;
  }

  /** Loads a text, whether it is loaded already or not; see {@link Programs}. */
  static Program load(ProgramText text) {
    LibTorch.readyThread();
    try (ByteArrayInputStream in = new ByteArrayInputStream(archive(text.program()))) {
      return new Program(JniUtils.loadModule((PtNDManager) LibTorch.root(), in, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw failure("a kernel could not be loaded", e, text);
    }
  }

  /** Runs the program; the results belong to {@code owner}. */
  NDList run(List<Value> inputs, Scope owner, ProgramText text) {
    LibTorch.readyThread();
    NDArray[] arrays = new NDArray[inputs.size() + 1];
    arrays[0] = owner.anchor();
    for (int i = 0; i < inputs.size(); i++) {
      PtNDArray a = inputs.get(i).array();
      // The engine groups inputs by name; others may have named them.
      if (a.getName() != null) {
        a.setName(null);
      }
      arrays[i + 1] = a;
    }
    try {
      return IValueUtils.forward(block, new NDList(arrays), true);
    } catch (RuntimeException e) {
      throw failure("a kernel failed", e, text);
    } finally {
      // The native module is freed when nothing refers to this any more, as during a call.
      Reference.reachabilityFence(this);
    }
  }

  /** Frees the native module; does not refer to this program. */
  Runnable freeing() {
    PtSymbolBlock module = block;
    return module::close;
  }

  private static KernelException failure(String what, RuntimeException e, ProgramText text) {
    String message = String.valueOf(e.getMessage());
    Node.Where where = where(message, text);
    int reason = message.lastIndexOf("RuntimeError: ");
    String why =
        reason < 0
            ? message.strip()
            : message.substring(reason + "RuntimeError: ".length()).strip();
    return new KernelException(what + (where == null ? "" : " " + where) + ": " + why, e);
  }

  private static Node.@Nullable Where where(String message, ProgramText text) {
    List<Integer> traceback = new ArrayList<>();
    Matcher m = LINE.matcher(message);
    while (m.find()) {
      traceback.add(Integer.parseInt(m.group(1)));
    }
    return text.where(traceback);
  }

  private static byte[] archive(String program) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "m/data.pkl", MODULE);
      put(zip, "m/constants.pkl", CONSTANTS);
      put(zip, "m/version", VERSION.getBytes(StandardCharsets.US_ASCII));
      put(zip, "m/code/__torch__.py", program.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
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

  /**
   * Pickle of an object of class {@code __torch__.K} whose one attribute is {@code training =
   * True}.
   */
  private static byte[] module() {
    ByteArrayOutputStream p = new ByteArrayOutputStream();
    p.writeBytes(new byte[] {(byte) 0x80, 2});
    p.writeBytes("c__torch__\nK\n".getBytes(StandardCharsets.US_ASCII));
    p.writeBytes(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
    p.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
    p.writeBytes(new byte[] {(byte) 0x88, 'u', 'b', '.'});
    return p.toByteArray();
  }
}
