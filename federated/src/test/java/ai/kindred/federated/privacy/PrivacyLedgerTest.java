package ai.kindred.federated.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.federated.privacy.PrivacyLedger.Release;
import org.junit.jupiter.api.Test;

class PrivacyLedgerTest {

  @Test
  void equalMechanismsAreOneLine() {
    SampledGaussian small = new SampledGaussian(0.01, 1);
    SampledGaussian large = new SampledGaussian(0.02, 1);
    PrivacyLedger ledger = PrivacyLedger.empty();
    for (int round = 0; round < 10; round++) {
      ledger = ledger.and(small).and(large, 2);
    }
    assertThat(ledger.releases()).containsExactly(new Release(small, 10), new Release(large, 20));
  }

  @Test
  void negativeCountsAreRefused() {
    PrivacyLedger ten = PrivacyLedger.of(new SampledGaussian(0.01, 1), 10);
    assertThatThrownBy(() -> ten.and(new SampledGaussian(0.01, 1), -3))
        .hasMessageContaining("-3 rounds");
  }
}
