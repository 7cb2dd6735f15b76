package ai.kindred.core.config;

import org.jspecify.annotations.Nullable;

/**
 * A field of a config record, as help texts and documentation list it.
 *
 * @param name the path in JSON, such as {@code optimizer.learning_rate}
 * @param type the Java type, or the constants of an enum, such as {@code lora | mode}
 * @param required whether a file must name it
 * @param defaultValue the value where a file does not name it, as JSON; null where there is none,
 *     or where it depends on required fields
 * @param range the allowed numbers, such as {@code above 0, at most 1}; empty where any will do
 * @param doc the component's {@link Doc}; empty without one
 */
public record ConfigField(
    String name,
    String type,
    boolean required,
    @Nullable String defaultValue,
    String range,
    String doc) {}
