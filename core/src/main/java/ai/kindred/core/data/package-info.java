/**
 * Examples: where they come from, which may be trained on, and how they reach a model.
 *
 * <p><b>Instruction tasks.</b> {@link ai.kindred.core.data.InstructionTasks} reads a folder in the
 * form of Super-NaturalInstructions; {@link ai.kindred.core.data.InstructionSplits} parts each task
 * into training, validation and held-out instances; {@link ai.kindred.core.data.InstructionPrompt}
 * puts an instance into words; {@link ai.kindred.core.data.CommonestAnswer} is the baseline to
 * beat.
 *
 * <p><b>Order and batches.</b> {@link ai.kindred.core.data.MixedOrder} says which example of which
 * task comes at each position, by one of three {@link ai.kindred.core.data.Mixing} rules: {@code
 * Proportional} where task sizes mean something, {@code Uniform} where a few large tasks would
 * drown the others, {@code Temperature} in between. {@link ai.kindred.core.data.PackedBatches} lays
 * examples end to end without padding: {@code FixedExamples} when every step should weigh the same
 * number of examples, {@code TokenBudget} for even step times and bounded memory. Both are pure
 * functions of key and position, so a run resumes by remembering where it was.
 *
 * <p><b>Images.</b> {@link ai.kindred.core.data.IdxFiles} reads {@link ai.kindred.core.data.Images}
 * in the form of MNIST and Fashion-MNIST; {@link ai.kindred.core.data.ShuffledOrder} says which
 * come in each batch.
 */
@NullMarked
package ai.kindred.core.data;

import org.jspecify.annotations.NullMarked;
