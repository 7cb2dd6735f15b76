package ai.kindred.peft;

import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What says how a model is adapted: a record, from which {@link Adapters#add} makes the adapters
 * and {@link AdapterFolder} the folder.
 *
 * <pre>{@code
 * record Gain(Linear base, Tensor gain) implements Adapter {
 *   public Tensor delta(Tensor x, Pass pass) {
 *     return base.apply(x, pass).mul(gain);
 *   }
 *
 *   record Config(Targets targets) implements AdapterConfig {
 *     public Gain adapt(String path, Linear base, Init init) {
 *       return new Gain(base, init.zeros(base.out()));
 *     }
 *   }
 * }
 * }</pre>
 */
public interface AdapterConfig {

  /**
   * What {@code peft_type} in {@code adapter_config.json} is: by itself the config's name, or that
   * of the record around a {@code Config}, in capitals ("GAIN").
   */
  default String peftType() {
    return ConfigJson.peftType(getClass());
  }

  /** Which products are adapted. */
  Targets targets();

  /**
   * A new adapter whose delta is zero.
   *
   * @param path the product's path in the model
   * @param base the product
   * @param init where the tensors come from
   */
  Adapter adapt(String path, Linear base, Init init);

  /** What is likely to be a mistake in this config, for the log. */
  default List<String> warnings() {
    return List.of();
  }

  /**
   * The fields of {@code adapter_config.json} but those that every kind of adapter has: by itself a
   * field a component.
   */
  default ObjectNode toJson() {
    return ConfigJson.write(this);
  }
}
