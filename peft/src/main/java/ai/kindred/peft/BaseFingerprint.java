package ai.kindred.peft;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which weights an adapter was trained on: a checksum over every weight's name, shape and first
 * elements. The same model in another precision has another checksum, so types are told beside it.
 *
 * @param types element types of the weights
 * @param sha256 checksum in hexadecimal digits
 */
record BaseFingerprint(String types, String sha256) {

  private static final long ELEMENTS = 16_384;

  /** The fingerprint of a model without its adapters. */
  static BaseFingerprint of(Object model) {
    Set<String> added = Tree.params(model, Adapter.class).asMap().keySet();
    MessageDigest digest = sha256Digest();
    Set<String> types = new TreeSet<>();
    for (Map.Entry<String, Tensor> leaf : Tree.leaves(model).entrySet()) {
      if (added.contains(leaf.getKey())) {
        continue;
      }
      Tensor t = leaf.getValue();
      long[] shape = t.lengths();
      types.add(t.dtype().name());
      digest.update((leaf.getKey() + Arrays.toString(shape)).getBytes(UTF_8));
      long n = Math.min(ELEMENTS, Arrays.stream(shape).reduce(1, (a, b) -> a * b));
      digest.update(Scope.tidy(() -> t.reshape(-1).narrow(0, 0, n).contiguous().toBytes()));
    }
    return new BaseFingerprint(String.join("+", types), HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256Digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
