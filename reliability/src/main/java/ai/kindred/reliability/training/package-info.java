/**
 * Training networks for images, in floats and for int8: plain quantisation-aware training, the
 * paper's training with throttling ({@link ai.kindred.reliability.training.Throttle}), after which
 * the in-place code fits exactly, and the alternating direction method that the paper gave up
 * ({@link ai.kindred.reliability.training.Admm}), which needs a clamp at its end.
 *
 * <p>In order: {@link ai.kindred.reliability.training.FloatTraining}, {@link
 * ai.kindred.reliability.training.Calibration} for steps and ranges, then {@link
 * ai.kindred.reliability.training.QuantisationTraining}. All give a {@link
 * ai.kindred.reliability.network.TrainedNetwork}.
 */
@NullMarked
package ai.kindred.reliability.training;

import org.jspecify.annotations.NullMarked;
