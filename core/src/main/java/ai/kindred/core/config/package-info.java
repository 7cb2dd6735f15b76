/**
 * Settings as records, read from JSON strictly.
 *
 * <p>A setting is a record; its components are its fields, in snake case in JSON ({@code
 * batchTokens} is {@code batch_tokens}; Jackson's {@code @JsonProperty} on a component gives
 * another name). A component's type is a number, boolean, string, path, enum (its constants in
 * lower case), record, sealed interface of records (the field {@code kind} names the record), list
 * or map of those, or a raw {@link com.fasterxml.jackson.databind.JsonNode}.
 *
 * <p>Defaults are given in one place, a static factory called {@code defaults} in the record. Its
 * parameters are the components without a default; all others take the factory's value when the
 * file does not name them, and an object in the file is merged over a default record, field by
 * field. In a record without that factory everything is required but what is {@code @Nullable}.
 *
 * <pre>{@code
 * record Training(
 *     @Doc("folder of the base model") Path model,
 *     @Doc("peak learning rate") @Range(above = 0, max = 1) double learningRate,
 *     @Doc("optimiser steps") @Range(min = 1) int steps,
 *     @Nullable Long seed) {
 *   static Training defaults(Path model) {
 *     return new Training(model, 1e-4, 1000, null);
 *   }
 * }
 * Training training = Configs.read(Training.class, Path.of("training.json"));
 * }</pre>
 *
 * <p>Use {@link ai.kindred.core.config.Configs#read} for files of our own: every unknown field is
 * refused, with the nearest known name. Use {@link ai.kindred.core.config.Configs#readLenient} for
 * other people's files: unknown fields are listed instead. Use {@link ai.kindred.core.config.Json}
 * for JSON that is no record; whatever it reads is bounded in size, nesting and number of values.
 */
@NullMarked
package ai.kindred.core.config;

import org.jspecify.annotations.NullMarked;
