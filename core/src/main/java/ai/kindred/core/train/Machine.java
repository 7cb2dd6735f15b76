package ai.kindred.core.train;

import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import java.lang.management.ManagementFactory;

/**
 * What the machine offers a run.
 *
 * @param memoryBytes memory that native code may take
 * @param flopsPerSecond floating-point operations a second of large matrix products, with the
 *     threads that the process uses
 */
public record Machine(long memoryBytes, double flopsPerSecond) {

  private static final long WIDTH = 512;
  private static final double PROBE_SECONDS = 0.1;
  private static final int MOST_PRODUCTS = 1000;

  /** Checks the numbers. */
  public Machine {
    if (memoryBytes <= 0 || !(flopsPerSecond > 0)) {
      throw new IllegalArgumentException(
          "a machine has memory and speed, not "
              + memoryBytes
              + " bytes and "
              + flopsPerSecond
              + " operations a second");
    }
  }

  /**
   * This machine: its memory (or its container's) less the Java heap in use, and the speed of
   * products of [512, 512] matrices, measured for about a tenth of a second.
   *
   * @param dtype type of the numbers multiplied: FLOAT32 or BFLOAT16
   */
  public static Machine measure(DType dtype) {
    return new Machine(memory(), speed(dtype));
  }

  private static long memory() {
    long heap = Runtime.getRuntime().totalMemory();
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      return Math.max(1, system.getTotalMemorySize() - heap);
    }
    throw new IllegalStateException("this Java does not tell the machine's memory; give it");
  }

  private static double speed(DType dtype) {
    return Scope.tidy(
        () -> {
          try (Kernel<Tensor, Tensor> product = Kernel.of(x -> x.matmul(x))) {
            Tensor x = Tensor.ones(DType.FLOAT32, WIDTH, WIDTH).div(WIDTH).to(dtype);
            x = product.call(x); // loads the program, and wakes the threads
            int products = 0;
            long began = System.nanoTime();
            double seconds = 0;
            while (products == 0 || (seconds < PROBE_SECONDS && products < MOST_PRODUCTS)) {
              Tensor from = x;
              Tensor next = product.call(from);
              from.close();
              x = next;
              products++;
              seconds = (System.nanoTime() - began) / 1e9;
            }
            return 2.0 * WIDTH * WIDTH * WIDTH * products / seconds;
          }
        });
  }
}
