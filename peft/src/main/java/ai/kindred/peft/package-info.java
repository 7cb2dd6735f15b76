/**
 * Parameter-efficient fine-tuning: adapters beside weights that stay as they are.
 *
 * <p>Which to choose: {@link ai.kindred.peft.Lora} for one task, or where adapters must be merged
 * or used by other programs; {@link ai.kindred.peft.MixtureOfDyadicExperts} for many tasks at once
 * under one budget of parameters.
 *
 * <pre>{@code
 * LanguageModel adapted = Adapters.add(model, LoraConfig.defaults(), Key.of(7));
 * Params trained = adapted.params(Adapter.class);
 * AdapterFolder.at(folder).save(Tree.with(adapted, trained), config, "smollm2-135m");
 * LanguageModel again = AdapterFolder.at(folder).load(model).model();
 * }</pre>
 *
 * <p>An adapter of your own is a record that implements {@link ai.kindred.core.nn.Adapter} and a
 * config record that implements {@link ai.kindred.peft.AdapterConfig}; saving and loading follow
 * from the records' components.
 */
@NullMarked
package ai.kindred.peft;

import org.jspecify.annotations.NullMarked;
