/**
 * Faults in memory: drawn from a key as a list, written, read and replayed, put into memory and
 * taken out again.
 *
 * <pre>{@code
 * FaultList faults = FaultList.draw(new FaultModel.ExactCount(1e-5), FaultyTree.bits(model), key);
 * LanguageModel faulty = FaultyTree.with(model, faults);           // the model itself is untouched
 * try (Injection in = Injection.into(protectedModel.words(), faults)) { .. }   // its own memory
 * }</pre>
 */
@NullMarked
package ai.kindred.reliability.fault;

import org.jspecify.annotations.NullMarked;
