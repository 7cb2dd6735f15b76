/**
 * Quantisation, and making quantised weights fit the codes without training: formats of eight
 * weights, chosen a layer by the signal-to-noise ratio that they measure.
 */
@NullMarked
package ai.kindred.reliability.fit;

import org.jspecify.annotations.NullMarked;
