package ai.kindred.examples.adapters;

import ai.kindred.peft.ParameterCount;
import java.util.Arrays;
import java.util.Locale;

/** The kinds of adapters compared. */
enum Method {
  LORA("LoRA"),
  MOLORA("MoLORA"),
  MOLORA_SD("MoLORA-SD"),
  MODE("MoDE");

  private final String label;

  Method(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /** What options call it: "lora", "molora", "molora-sd", "mode". */
  String option() {
    return label.toLowerCase(Locale.ROOT);
  }

  /**
   * The method that options call so.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Method of(String option) {
    return Arrays.stream(values())
        .filter(method -> method.option().equals(option))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no method is called "
                        + option
                        + "; there are "
                        + Arrays.stream(values()).map(Method::option).toList()));
  }

  /** Elements that m experts of rank r (p a slot in MoDE) add to products of so many in and out. */
  long parameters(int m, int r, int p, long in, long out) {
    return switch (this) {
      case LORA -> ParameterCount.lora(r, in, out);
      case MOLORA -> ParameterCount.moLora(m, r, in, out);
      case MOLORA_SD -> ParameterCount.moLoraSd(m, r, in, out);
      case MODE -> ParameterCount.mode(m, r, p, in, out);
    };
  }
}
