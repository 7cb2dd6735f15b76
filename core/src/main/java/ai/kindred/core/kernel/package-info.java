/** Tensors, trees, kernels, gradients, random keys and native memory. */
@NullMarked
package ai.kindred.core.kernel;

import org.jspecify.annotations.NullMarked;
