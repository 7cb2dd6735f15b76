package ai.kindred.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.reliability.campaign.Claim.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Verdicts on figures that are made up. */
class ClaimsTest {

  private static final Target TARGET = new EncodedNetworkTest.Weights(Map.of(), 0);
  private static final double RATE = 1e-3;

  /** Plain int8 has 90; three networks trained to fit, three fault seeds. */
  private static List<Claim> claims(double[] trained, double underFaults, double beside) {
    Campaign campaign =
        new Campaign(
            List.of(new Subject("n", TARGET, List.of(TARGET, TARGET, TARGET))),
            Strategy.named("none,secded-72,tmr,qatt,int7-56"),
            List.of(RATE),
            3,
            true);
    List<TrialResult> results = new ArrayList<>();
    for (Trial t : campaign.plan()) {
      double value =
          switch (t.strategy()) {
            case Strategy.QATT ->
                trained[t.training()] - (t.isClean() ? 0 : underFaults + 0.001 * t.training());
            case Strategy.BESIDE -> t.isClean() ? 90 : 90 - beside - 0.001 * t.seed();
            case Strategy.INT7 -> 89.8;
            default -> 90;
          };
      results.add(new TrialResult(t, value, 0, 0, 0, 0, 0, 0));
    }
    return Claims.of(new Results(campaign, results));
  }

  private static Verdict verdict(List<Claim> claims, String text) {
    return claims.stream().filter(c -> c.text().contains(text)).findFirst().orElseThrow().verdict();
  }

  @Test
  void trainingFailsOnlyWhereTheWholeIntervalIsWorse() {
    String text = "costs no accuracy";
    assertThat(verdict(claims(new double[] {90.1, 90, 90.05}, 0, 0), text))
        .isEqualTo(Verdict.HOLDS);
    assertThat(verdict(claims(new double[] {89.5, 89.52, 89.48}, 0, 0), text))
        .isEqualTo(Verdict.FAILS);
    assertThat(verdict(claims(new double[] {91, 89, 89.9}, 0, 0), text)).isEqualTo(Verdict.OPEN);
  }

  @Test
  void reliabilityIsThatBeyondItsOwnCost() {
    String text = "as reliable as (72,64)";
    double[] cheap = {88, 88, 88};
    assertThat(verdict(claims(cheap, 0.02, 0.02), text)).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(claims(cheap, 3, 0.02), text)).isEqualTo(Verdict.FAILS);
    assertThat(verdict(claims(cheap, 0.02, 3), text)).isEqualTo(Verdict.HOLDS);
  }

  @Test
  void trainingIsPairedBySeed() {
    Target a = new EncodedNetworkTest.Weights(Map.of(), 0);
    Subject subject = new Subject("n", a, List.of(TARGET, TARGET), List.of(a, TARGET));
    Campaign campaign =
        new Campaign(List.of(subject), Strategy.named("none,qatt"), List.of(RATE), 2, true);
    assertThat(campaign.plan()).hasSize(3 + 1 + 2 * 3);
    List<TrialResult> results = new ArrayList<>();
    for (Trial t : campaign.plan()) {
      // Seeds differ by five points; the pairs hardly do.
      double value = 90 + 5 * t.training() + (t.strategy().equals(Strategy.QATT) ? 0.2 : 0);
      results.add(new TrialResult(t, value, 0, 0, 0, 0, 0, 0));
    }
    Results all = new Results(campaign, results);
    assertThat(verdict(Claims.of(all), "costs no accuracy")).isEqualTo(Verdict.HOLDS);
    assertThat(all.rows().get(0).value()).isEqualTo(90);
    assertThat(all.rows().get(2).drop().mean()).isCloseTo(-0.2, within(1e-9));
    assertThatThrownBy(() -> new Subject("n", TARGET, List.of(TARGET), List.of(TARGET, TARGET)))
        .hasMessageContaining("give one for each");
  }

  @Test
  void memoryIsCounted() {
    List<Claim> claims = claims(new double[] {90, 90, 90}, 0, 0);
    assertThat(verdict(claims, "secded-72, a traditional")).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(claims, "without more memory")).isEqualTo(Verdict.HOLDS);
    assertThat(claims.stream().map(Claim::measured)).contains("12.5 % more", "200.0 % more");
    assertThat(verdict(claims, "beside 7-bit")).isEqualTo(Verdict.HOLDS);
    assertThat(verdict(claims(new double[] {89, 89, 89}, 0, 0), "beside 7-bit"))
        .isEqualTo(Verdict.FAILS);
  }
}
