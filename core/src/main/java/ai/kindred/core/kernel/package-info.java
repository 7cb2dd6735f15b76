/**
 * Tensors, trees, kernels, gradients, random keys and native memory: what all numeric code is
 * written with.
 *
 * <ul>
 *   <li>{@link ai.kindred.core.kernel.Tensor}: numbers, or what stands for them while a kernel is
 *       traced. The only type that model code sees.
 *   <li>{@link ai.kindred.core.kernel.Tree}: models and batches as records, lists and maps of
 *       tensors; {@link ai.kindred.core.kernel.Params} is their leaves as a vector.
 *   <li>{@link ai.kindred.core.kernel.Kernel}: a function as one native call; {@code stacked} runs
 *       it on many arguments at once, {@code loop} repeats inside, {@code checkpoint} saves memory.
 *   <li>{@link ai.kindred.core.kernel.Grad}: value and gradients of a function.
 *   <li>{@link ai.kindred.core.kernel.Key}: all randomness, by name and index.
 *   <li>{@link ai.kindred.core.kernel.Scope}: who frees; {@link ai.kindred.core.kernel.Held}: a
 *       state that steps replace.
 * </ul>
 *
 * <p>When a result is wrong, in this order: read the exception, which names the operation, the
 * model's part and the Java line; run with {@code -Dkindred.eager} and stop at a breakpoint, every
 * value being there; run with {@code -Dkindred.finite}, which names the first operation that makes
 * NaN or infinity; read {@link ai.kindred.core.kernel.Kernel#program}. {@code flops} and {@code
 * peakBytes} tell what a call takes before it is made.
 *
 * <p>Compiled and eager runs give every operation the same bits. Two rewrites round otherwise: a
 * low-rank product is added in place to the product before it, and gradients over checkpoints are
 * summed in another order.
 */
@NullMarked
package ai.kindred.core.kernel;

import org.jspecify.annotations.NullMarked;
