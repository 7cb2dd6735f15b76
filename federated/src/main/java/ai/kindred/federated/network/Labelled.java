package ai.kindred.federated.network;

import ai.kindred.core.kernel.Tensor;

/**
 * Examples with a class each.
 *
 * @param inputs [n, ..], of any element type; bytes of images may stay bytes
 * @param labels [n] int64 classes from 0
 */
public record Labelled(Tensor inputs, Tensor labels) {}
