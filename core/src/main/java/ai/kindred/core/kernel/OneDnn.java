package ai.kindred.core.kernel;

import java.util.List;

/** What libtorch's build of oneDNN can do on this processor, tried once. */
final class OneDnn {

  private static final boolean FLOAT32 = tried(DType.FLOAT32);
  private static final boolean BFLOAT16 = tried(DType.BFLOAT16);

  private OneDnn() {}

  /** Whether weights of a type can be laid out in blocks and multiplied by. */
  static boolean blocks(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> FLOAT32;
      case BFLOAT16 -> BFLOAT16;
      default -> false;
    };
  }

  private static boolean tried(DType dtype) {
    try (Scope scope = Scope.detached()) {
      return scope.within(
          () -> {
            // Not recorded, even where a kernel is being traced.
            Object[] sizes = {List.of(Dim.of(16), Dim.of(16)), 1.0, new Op.Keyword("dtype", dtype)};
            Tensor ones = Eager.run(Ops.FULL, sizes).get(0);
            Tensor blocked = Eager.run(Ops.BLOCKED, new Object[] {ones}).get(0);
            Object[] args = {ones, blocked, Op.None.NONE};
            Value y = Eager.run(Ops.BLOCKED_LINEAR, args).get(0);
            return Eager.run(Ops.TO, new Object[] {y, DType.FLOAT32}).get(0).toFloats()[0] == 16;
          });
    } catch (KernelException e) {
      return false;
    }
  }
}
