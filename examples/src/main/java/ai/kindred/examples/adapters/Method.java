package ai.kindred.examples.adapters;

import ai.kindred.peft.ParameterCount;

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
