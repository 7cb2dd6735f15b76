package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CalibrationTest {

  @Test
  void theNoiseFoundGivesTheEpsilonWantedAndNotMore() {
    for (Accountant accountant : List.of(new RenyiAccountant(), new PrivacyLossAccountant())) {
      for (double epsilon : new double[] {0.2, 2, 30}) {
        double noise = Calibration.noiseMultiplier(accountant, 0.02, 300, epsilon, 1e-5);
        double found =
            accountant.epsilon(PrivacyLedger.of(new SampledGaussian(0.02, noise), 300), 1e-5);
        assertThat(found).isBetween(epsilon * 0.999, epsilon);
      }
    }
  }

  @Test
  void theGaussianMechanismIsClosedForm() {
    double noise = Calibration.noiseMultiplier(new PrivacyLossAccountant(), 1, 1, 1, 1e-5);
    assertThat(HockeyStick.gaussian(noise, 1)).isBetween(0.99e-5, 1.0001e-5);
  }

  @Test
  void whatCannotBeReachedIsSaid() {
    RenyiAccountant accountant = new RenyiAccountant();
    assertThatThrownBy(() -> Calibration.noiseMultiplier(accountant, 0.1, 10, 0, 1e-5))
        .hasMessageContaining("target epsilon 0.0");
    assertThatThrownBy(() -> Calibration.noiseMultiplier(accountant, 0.1, 10, Double.NaN, 1e-5))
        .hasMessageContaining("target epsilon NaN");
    assertThatThrownBy(() -> Calibration.noiseMultiplier(accountant, 0.1, 10, 1, 2))
        .hasMessageContaining("delta 2.0");
    assertThatThrownBy(() -> Calibration.noiseMultiplier(accountant, 0, 10, 1, 1e-5))
        .hasMessageContaining("is anything released?");
    assertThatThrownBy(
            () -> Calibration.noiseMultiplier(new RenyiAccountant(1.5), 1, 1_000_000, 1e-9, 1e-9))
        .hasMessageContaining("no noise multiplier up to");
  }
}
