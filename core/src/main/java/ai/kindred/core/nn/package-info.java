/**
 * Layers that decoder language models are made of, and the seams that methods plug into.
 *
 * <p>A layer is a record of tensors and parts with an {@code apply} that reads as its equation.
 * Rows are tokens: inputs are {@code [T, width]}, several examples side by side without padding,
 * and {@link Pass} says which row belongs to which example. To change a model, rewrite its tree:
 * {@link Linear} for products (adapters, quantised or protected weights), {@link Block} for layers,
 * {@link Embedding} for tables, {@link Mixing} for how tokens see each other.
 *
 * <p>Networks for images are made of {@link Layer}s, which know nothing but their input: {@link
 * Conv2d}, {@link Dense}, and {@link BatchNorm} or {@link GroupNorm} between them. Choose the
 * batch's statistics where one machine trains and convolutions are to be folded, the group's where
 * clients train apart.
 *
 * <p>Letters in shapes: T tokens, D model width, H query heads, G key-value heads, R = H / G, d
 * head width, V vocabulary, B examples, N targets.
 */
@NullMarked
package ai.kindred.core.nn;

import org.jspecify.annotations.NullMarked;
