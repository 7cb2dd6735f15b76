package ai.kindred.reliability;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** A CRC32C for each block of {@value #BLOCK} bytes, the last block shorter. */
final class BlockChecks {

  static final int BLOCK = 4096;

  private BlockChecks() {}

  static int[] of(ByteBuffer bytes) {
    int[] checks = new int[(bytes.remaining() + BLOCK - 1) / BLOCK];
    CRC32C crc = new CRC32C();
    for (int i = 0; i < checks.length; i++) {
      crc.reset();
      int from = bytes.position() + i * BLOCK;
      crc.update(bytes.duplicate().limit(Math.min(bytes.limit(), from + BLOCK)).position(from));
      checks[i] = (int) crc.getValue();
    }
    return checks;
  }

  /** The blocks whose check differs. */
  static List<Integer> bad(ByteBuffer bytes, int[] expected) {
    int[] now = of(bytes);
    if (now.length != expected.length) {
      throw new IllegalArgumentException(
          expected.length + " block checks for " + now.length + " blocks");
    }
    List<Integer> bad = new ArrayList<>();
    for (int i = 0; i < now.length; i++) {
      if (now[i] != expected[i]) {
        bad.add(i);
      }
    }
    return bad;
  }
}
