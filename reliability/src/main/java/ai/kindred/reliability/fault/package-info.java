/**
 * Faults in memory: drawn from a key as a list, written, read and replayed, put into memory and
 * taken out again.
 *
 * <pre>{@code
 * FaultList faults = FaultList.draw(new FaultModel.ExactCount(1e-5), FaultyTree.bits(model), key);
 * LanguageModel faulty = FaultyTree.with(model, faults);           // the model itself is untouched
 * try (Injection in = Injection.into(protectedModel.words(), faults)) { .. }   // its own memory
 * LanguageModel hot = FaultyActivations.in(model, 1e-7, key);      // what products give
 * LanguageModel worn = FaultyCache.in(model, 1e-7, key);           // keys and values
 * }</pre>
 *
 * <p>{@link ai.kindred.reliability.fault.BlockFaults} hits the parameters of a DJL block or a
 * TorchScript model of one's own; {@link ai.kindred.reliability.fault.FaultyTree} any record of
 * tensors. Both kinds can be in one model at once, weights and activations together.
 */
@NullMarked
package ai.kindred.reliability.fault;

import org.jspecify.annotations.NullMarked;
