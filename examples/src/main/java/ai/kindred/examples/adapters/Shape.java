package ai.kindred.examples.adapters;

import ai.kindred.peft.AdapterConfig;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.MixtureOfDyadicExpertsConfig;
import ai.kindred.peft.MoLoraConfig;
import ai.kindred.peft.MoLoraSharedDownConfig;
import ai.kindred.peft.Targets;

/**
 * A kind of adapter and its sizes, in the paper's words "m x r x p".
 *
 * @param m experts; 1 for LoRA
 * @param r rank
 * @param p rank of an expert of MoDE; r for the others
 */
record Shape(Method method, int m, int r, int p) {

  static Shape lora(int rank) {
    return new Shape(Method.LORA, 1, rank, rank);
  }

  /** Such as "MoDE 4x4", where p is 1, or "MoDE 4x16x2". */
  String label() {
    return method.label()
        + " "
        + switch (method) {
          case LORA -> r;
          case MOLORA, MOLORA_SD -> m + "x" + r;
          case MODE -> m + "x" + r + (p == 1 ? "" : "x" + p);
        };
  }

  /** The adapter; every kind has the scale 1, as the paper's formulas have. */
  AdapterConfig config(Targets targets) {
    return switch (method) {
      case LORA -> LoraConfig.of(r, r, targets);
      case MOLORA -> MoLoraConfig.of(m, r, targets);
      case MOLORA_SD -> MoLoraSharedDownConfig.of(m, r, targets);
      case MODE -> MixtureOfDyadicExpertsConfig.of(m, r, p, targets);
    };
  }
}
