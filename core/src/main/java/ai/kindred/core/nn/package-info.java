/**
 * Layers that decoder language models are made of, and the seams that methods plug into.
 *
 * <p>A layer is a record of tensors and parts with an {@code apply} that reads as its equation.
 * Rows are tokens: inputs are {@code [T, width]}, several examples side by side without padding,
 * and {@link Pass} says which row belongs to which example. To change a model, rewrite its tree:
 * {@link Linear} for products (adapters, quantised or protected weights), {@link Block} for layers,
 * {@link Embedding} for tables, {@link Mixing} for how tokens see each other.
 *
 * <p>Letters in shapes: T tokens, D model width, H query heads, G key-value heads, R = H / G, d
 * head width, V vocabulary, B examples, N targets.
 */
@NullMarked
package ai.kindred.core.nn;

import org.jspecify.annotations.NullMarked;
