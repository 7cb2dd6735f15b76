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
 */
@NullMarked
package ai.kindred.federated.privacy;

import org.jspecify.annotations.NullMarked;
