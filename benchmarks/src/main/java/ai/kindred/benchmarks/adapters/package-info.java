/**
 * What adapters cost, as a program: steps of each kind beside LoRA of as many parameters, batches
 * with an adapter an example, switching, and a store of a thousand. The figures mean something only
 * beside each other, in one sitting on one machine.
 */
@NullMarked
package ai.kindred.benchmarks.adapters;

import org.jspecify.annotations.NullMarked;
