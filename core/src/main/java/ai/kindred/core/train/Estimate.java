package ai.kindred.core.train;

import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a run will take, told before it starts. Counted are tensors alone: the Java process and
 * libtorch add about half a gigabyte. Activations are a formula's or a trace's; allow for half as
 * much again.
 *
 * @param frozenBytes weights that are not trained
 * @param parameterBytes trained parameters; two copies, since a step makes new ones from the old
 * @param gradientBytes their gradients
 * @param optimizerBytes the optimiser's state; two copies, too
 * @param activationBytes results kept for the gradient
 * @param flopsPerStep floating-point operations of a step
 */
public record Estimate(
    long frozenBytes,
    long parameterBytes,
    long gradientBytes,
    long optimizerBytes,
    long activationBytes,
    double flopsPerStep) {

  /**
   * The estimate of a step.
   *
   * @param trained the trained parameters
   * @param optimizer their optimiser
   * @param frozenBytes bytes of weights that are not trained
   * @param activationBytes such as {@link DecoderWork#activationBytes}
   * @param flopsPerStep such as {@link DecoderWork#stepFlops}, or {@code Kernel.flops} of a step
   */
  public static Estimate of(
      Params trained,
      Optimizer optimizer,
      long frozenBytes,
      long activationBytes,
      double flopsPerStep) {
    long parameters = bytes(trained);
    return new Estimate(
        frozenBytes,
        2 * parameters,
        parameters,
        2 * optimizer.stateBytes(trained),
        activationBytes,
        flopsPerStep);
  }

  /** Bytes of the elements of a tree's leaves. */
  public static long bytes(Params params) {
    long bytes = 0;
    for (Tensor t : params.asMap().values()) {
      bytes += Moments.elements(t.lengths()) * t.dtype().bytes();
    }
    return bytes;
  }

  /** All memory. */
  public long bytes() {
    return frozenBytes + parameterBytes + gradientBytes + optimizerBytes + activationBytes;
  }

  /** Time of a step where products run at the machine's speed: a lower bound. */
  public double secondsPerStep(Machine machine) {
    return flopsPerStep / machine.flopsPerSecond();
  }

  /** What a run of so many steps takes on a machine, in a sentence. */
  public String describe(Machine machine, long steps) {
    return String.format(
        Locale.ROOT,
        "about %s of memory for training's tensors (frozen weights %s, trained %s, optimiser %s,"
            + " activations %s), more for the process and for answers, and, for %d steps, %s or more",
        gigabytes(bytes()),
        gigabytes(frozenBytes),
        gigabytes(parameterBytes + gradientBytes),
        gigabytes(optimizerBytes),
        gigabytes(activationBytes),
        steps,
        duration(steps * secondsPerStep(machine)));
  }

  private static String duration(double seconds) {
    return seconds < 90
        ? String.format(Locale.ROOT, "%.0f s", Math.ceil(seconds))
        : seconds < 5400
            ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
            : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /** What to change where the memory does not suffice, the largest part first; else nothing. */
  public Optional<String> advice(Machine machine) {
    if (bytes() <= machine.memoryBytes()) {
      return Optional.empty();
    }
    List<Part> parts = new ArrayList<>();
    parts.add(
        new Part(
            activationBytes,
            "activations",
            "give a smaller token budget a batch (and add up several), recompute blocks, or compute"
                + " in bfloat16"));
    parts.add(new Part(frozenBytes, "frozen weights", "load them in bfloat16 or int8"));
    parts.add(
        new Part(
            optimizerBytes,
            "optimiser state",
            "use Adafactor, or train fewer parameters (an adapter of lower rank)"));
    parts.add(
        new Part(
            parameterBytes + gradientBytes,
            "trained parameters and gradients",
            "train fewer parameters (an adapter)"));
    parts.sort((a, b) -> Long.compare(b.bytes(), a.bytes()));
    StringBuilder text =
        new StringBuilder(
            "the run needs about "
                + gigabytes(bytes())
                + ", the machine has "
                + gigabytes(machine.memoryBytes()));
    for (Part part : parts) {
      if (part.bytes() * 10 >= bytes()) {
        text.append("; ")
            .append(part.name())
            .append(" take ")
            .append(gigabytes(part.bytes()))
            .append(": ")
            .append(part.remedy());
      }
    }
    return Optional.of(text.toString());
  }

  private record Part(long bytes, String name, String remedy) {}

  private static String gigabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
  }
}
