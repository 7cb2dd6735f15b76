package ai.kindred.reliability;

import ai.kindred.reliability.fit.Format;
import ai.kindred.reliability.fit.Shares;

/**
 * What protecting a layer took.
 *
 * @param path which product
 * @param weights number of weights
 * @param format the format taken
 * @param shares sizes of the weights in int8 with a scale a row
 * @param before ratio of signal to noise of plain int8, decibels
 * @param after the same in the format taken
 * @param changed share of weights that the format changed
 */
public record ProtectedLayer(
    String path,
    long weights,
    Format format,
    Shares shares,
    double before,
    double after,
    double changed) {}
