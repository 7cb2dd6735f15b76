package ai.kindred.reliability.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.workers.ThreadWorkers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CampaignTest {

  @TempDir private Path folder;
  private @Nullable Scope scope;
  private Subject subject =
      new Subject("-", new EncodedNetworkTest.Weights(Map.of(), 0), List.of());

  @BeforeEach
  void draw() {
    scope = Scope.open();
    subject =
        new Subject(
            "small",
            SmallNetwork.target(Key.of(1)),
            List.of(SmallNetwork.target(Key.of(1)), SmallNetwork.target(Key.of(1))));
  }

  @AfterEach
  void close() {
    Objects.requireNonNull(scope).close();
  }

  private Campaign campaign(Double... rates) {
    return new Campaign(
        List.of(subject),
        Strategy.named("none,parity-zero,secded-72,tmr,qatt,int7-56,int4-in-place"),
        List.of(rates),
        6,
        false);
  }

  private List<TrialResult> run(Campaign campaign, int threads, Path file) throws IOException {
    try (ThreadWorkers workers = new ThreadWorkers(threads)) {
      return campaign.run(workers, TrialLog.open(file), r -> {}).trials();
    }
  }

  @Test
  void sameBitsOnAnyThreadsAndAfterAKill() throws IOException {
    Campaign campaign = campaign(1e-3, 1e-2);
    Path one = folder.resolve("one.tsv");
    List<TrialResult> first = run(campaign, 1, one);
    assertThat(run(campaign, 4, folder.resolve("four.tsv"))).isEqualTo(first);
    assertThat(first.stream().map(TrialResult::trial).toList()).isEqualTo(campaign.plan());
    String text = Files.readString(one);
    Path killed = folder.resolve("killed.tsv");
    Files.writeString(killed, text.substring(0, 2 * text.length() / 3));
    int kept = TrialLog.open(killed).size();
    assertThat(kept).isBetween(40, first.size() - 10);
    List<TrialResult> seen = Collections.synchronizedList(new ArrayList<>());
    try (ThreadWorkers workers = new ThreadWorkers(2)) {
      Results resumed = campaign.run(workers, TrialLog.open(killed), seen::add);
      assertThat(resumed.trials()).isEqualTo(first);
    }
    assertThat(seen).hasSize(first.size() - kept);
    assertThat(Files.readAllLines(killed)).hasSameSizeAs(Files.readAllLines(one));
  }

  @Test
  void protectionProtects() throws IOException {
    Campaign campaign = campaign(1e-3, 3e-2);
    try (ThreadWorkers workers = new ThreadWorkers(2)) {
      Results results = campaign.run(workers, TrialLog.open(folder.resolve("log.tsv")), r -> {});
      List<Results.Row> rows = results.rows();
      assertThat(rows).hasSize(7 * 3);
      Results.Row bare = find(rows, "none", 3e-2);
      assertThat(bare.drop().mean()).isGreaterThan(5);
      assertThat(bare.silent()).isPositive();
      assertThat(bare.detected()).isZero();
      Results.Row three = find(rows, "tmr", 3e-2);
      assertThat(three.drop().mean()).isLessThan(bare.drop().mean() / 2);
      assertThat(three.flipped()).isBetween(2.5 * bare.flipped(), 3.5 * bare.flipped());
      assertThat(find(rows, "none", 0).drop().mean()).isZero();
      assertThat(find(rows, "none", 0).value()).isGreaterThan(95);
      assertThat(find(rows, "secded-72", 1e-3).drop().mean()).isCloseTo(0, within(1.0));
      assertThat(find(rows, "parity-zero", 3e-2).detected()).isPositive();
      // Two networks of one seed each: twice the trials, two values that do not hang together.
      assertThat(find(rows, "qatt", 1e-3).drop().count()).isEqualTo(12);
      assertThat(results.independentDrops(subject, Strategy.named("qatt").get(0), 1e-3)).hasSize(2);
    }
  }

  private static Results.Row find(List<Results.Row> rows, String strategy, double rate) {
    return rows.stream()
        .filter(r -> r.strategy().name().equals(strategy) && r.rate() == rate)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatCannotBeIsTold() {
    assertThatThrownBy(() -> campaign(0.6)).hasMessageContaining("a fault rate of 0.6");
    assertThatThrownBy(() -> campaign(0.0)).hasMessageContaining("above 0 up to 0.5");
    assertThatThrownBy(() -> campaign(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> campaign(1e-3, 1e-3)).hasMessageContaining("given twice");
    assertThatThrownBy(this::campaign).hasMessageContaining("at least one network, strategy");
    assertThatThrownBy(
            () ->
                new Campaign(
                    List.of(subject, subject), Strategy.named("none"), List.of(1e-3), 1, true))
        .hasMessage("two networks are called small");
    assertThatThrownBy(() -> Strategy.named("none,hamming"))
        .hasMessageContaining("no strategy is called 'hamming'; there are none, parity-zero");
    assertThatThrownBy(() -> Strategy.named("none,none")).hasMessageContaining("named twice");
  }
}
