/**
 * Parameter-efficient fine-tuning: adapters beside weights that stay as they are.
 *
 * <p>Which to choose: {@link ai.kindred.peft.Lora} for one task, or where adapters must be merged
 * or used by other programs; for many tasks at once under one budget of parameters {@link
 * ai.kindred.peft.MoLora} (whole LoRAs mixed), {@link ai.kindred.peft.MoLoraSharedDown} (one
 * down-projection for all) or {@link ai.kindred.peft.MixtureOfDyadicExperts} (a router a rank).
 *
 * <pre>{@code
 * LanguageModel adapted = Adapters.add(model, LoraConfig.defaults(), Key.of(7));
 * Params trained = adapted.params(Adapter.class);
 * AdapterFolder.at(folder).save(Tree.with(adapted, trained), config, "smollm2-135m");
 * LanguageModel again = AdapterFolder.at(folder).load(model).model();
 * }</pre>
 *
 * <p>{@link ai.kindred.peft.MixedAdapters} runs several adapters in one batch, {@link
 * ai.kindred.peft.AdapterStore} keeps many folders of which few are in memory, {@link
 * ai.kindred.peft.AveragedLora} and {@link ai.kindred.peft.GgufLora} take adapters elsewhere.
 *
 * <p>An adapter of your own is a record that implements {@link ai.kindred.core.nn.Adapter}, with a
 * config record that implements {@link ai.kindred.peft.AdapterConfig}; saving and loading follow
 * from the records' components.
 */
@NullMarked
package ai.kindred.peft;

import org.jspecify.annotations.NullMarked;
