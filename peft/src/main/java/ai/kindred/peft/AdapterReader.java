package ai.kindred.peft;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** Reads {@code adapter_config.json} of one {@code peft_type}. */
@FunctionalInterface
public interface AdapterReader {

  /**
   * A config that was read.
   *
   * @param config the config
   * @param ignored fields of the file that mean nothing to it
   */
  record Read(AdapterConfig config, List<String> ignored) {
    public Read {
      ignored = List.copyOf(ignored);
    }
  }

  /**
   * Reads a config.
   *
   * @param json the document, an object
   * @param source names it in errors
   * @throws IOException if it is malformed or asks for what is not done here
   */
  Read read(JsonNode json, String source) throws IOException;

  /** The reader of configs that are written as {@link AdapterConfig#toJson} does by itself. */
  static <C extends Record & AdapterConfig> AdapterReader of(Class<C> type) {
    return (json, source) -> ConfigJson.read(type, json, source);
  }
}
