package ai.kindred.core.lm;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A family of decoder models. The names are transformers' own ({@code model_type} and {@code
 * architectures} of config.json); what differs between families beyond numbers is here.
 */
public enum Family {
  /** Llama 1 to 3, SmolLM2, TinyLlama and everything else published as {@code llama}. */
  LLAMA("llama", "LlamaForCausalLM"),
  /** Mistral: Llama with an optional sliding window on every layer. */
  MISTRAL("mistral", "MistralForCausalLM"),
  /** Qwen2 and Qwen2.5: biases on the query, key and value projections. */
  QWEN2("qwen2", "Qwen2ForCausalLM"),
  /** Qwen3: RMSNorm on every head's query and key. */
  QWEN3("qwen3", "Qwen3ForCausalLM"),
  /** Gemma: GeLU gate, norms that multiply by 1 + weight, scaled embeddings. */
  GEMMA("gemma", "GemmaForCausalLM"),
  /** Gemma2: also norms after each sub-layer, soft-capped logits, alternating windows. */
  GEMMA2("gemma2", "Gemma2ForCausalLM"),
  /** Gemma3's text decoder: also norms on query and key, two rotary bases, no soft-caps. */
  GEMMA3("gemma3_text", "Gemma3ForCausalLM");

  private final String modelType;
  private final String architecture;

  Family(String modelType, String architecture) {
    this.modelType = modelType;
    this.architecture = architecture;
  }

  /** The {@code model_type} of config.json. */
  public String modelType() {
    return modelType;
  }

  /** The class name that transformers lists under {@code architectures}. */
  public String architecture() {
    return architecture;
  }

  /** Whether norms multiply by 1 + weight and embeddings by the square root of the hidden size. */
  public boolean isGemma() {
    return this == GEMMA || this == GEMMA2 || this == GEMMA3;
  }

  /** Whether attention and MLP outputs pass a norm of their own before they are added. */
  public boolean hasPostNorms() {
    return this == GEMMA2 || this == GEMMA3;
  }

  /** Whether each head's query and key pass a norm before the rotary embedding. */
  public boolean hasQueryKeyNorm() {
    return this == QWEN3 || this == GEMMA3;
  }

  /** Every {@code model_type} that can be read, for messages. */
  static String known() {
    return Arrays.stream(values()).map(Family::modelType).collect(Collectors.joining(", "))
        + ", gemma3 (its text_config)";
  }
}
