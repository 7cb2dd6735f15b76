/**
 * Differential privacy for users: how much a run tells about any one of them, and how it is kept
 * from telling more.
 *
 * <p><b>Accounting.</b> A {@link ai.kindred.federated.privacy.PrivacyLedger} lists what was
 * released; an {@link ai.kindred.federated.privacy.Accountant} gives its epsilon. Choose {@link
 * ai.kindred.federated.privacy.RenyiAccountant} to log every round (milliseconds, a little loose)
 * and {@link ai.kindred.federated.privacy.PrivacyLossAccountant} for the figure that is reported
 * (tenths of a second, nearly exact). {@link ai.kindred.federated.privacy.Calibration} goes the
 * other way, from an epsilon to the noise.
 *
 * <p><b>Noise.</b> {@link ai.kindred.federated.privacy.PrivateSum} clips updates, by a {@link
 * ai.kindred.federated.privacy.Clipping} that is fixed or follows a quantile, and adds a round's
 * noise to their sum. {@link ai.kindred.federated.privacy.TreeNoise} is the noise of DP-FTRL:
 * choose it where users cannot be sampled at random. The page {@code docs/pages/privacy.md} says
 * what all this promises, and what not.
 */
@NullMarked
package ai.kindred.federated.privacy;

import org.jspecify.annotations.NullMarked;
