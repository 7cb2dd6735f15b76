package ai.kindred.reliability.campaign;

import ai.kindred.core.metrics.Interval;
import ai.kindred.core.metrics.StudentInterval;
import ai.kindred.core.metrics.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What a campaign gave.
 *
 * @param trials in the order of {@link Campaign#plan}
 */
public record Results(Campaign campaign, List<TrialResult> trials) {

  static final double LEVEL = 0.95;

  /**
   * A network, strategy and rate over all seeds.
   *
   * @param rate 0 without faults
   * @param value mean of the measure
   * @param drop how much worse than plain int8 without faults: mean and deviation over all trials
   * @param interval of the mean drop: over training seeds where there are several, each by its
   *     mean, else over fault seeds
   * @param flipped mean of flipped bits a trial; the next four likewise
   */
  public record Row(
      Subject network,
      Strategy strategy,
      double rate,
      double value,
      Summary drop,
      Interval interval,
      double flipped,
      double corrected,
      double detected,
      double silent,
      double wrong) {}

  /** Copies. */
  public Results {
    trials = List.copyOf(trials);
  }

  /** Rows in the order of networks, strategies and rates, first without faults. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Subject subject : campaign.subjects()) {
      for (Strategy strategy : campaign.strategies()) {
        if (!Campaign.targets(subject, strategy).isEmpty()) {
          rows.add(row(subject, strategy, 0));
          campaign.rates().forEach(rate -> rows.add(row(subject, strategy, rate)));
        }
      }
    }
    return rows;
  }

  private Row row(Subject subject, Strategy strategy, double rate) {
    List<TrialResult> of = of(subject, strategy, rate);
    return new Row(
        subject,
        strategy,
        rate,
        of.stream().mapToDouble(TrialResult::value).average().orElseThrow(),
        Summary.of(drops(subject, of)),
        StudentInterval.mean(independentDrops(subject, strategy, rate), LEVEL),
        of.stream().mapToDouble(TrialResult::flipped).average().orElse(0),
        of.stream().mapToDouble(TrialResult::corrected).average().orElse(0),
        of.stream().mapToDouble(TrialResult::detected).average().orElse(0),
        of.stream().mapToDouble(TrialResult::silent).average().orElse(0),
        of.stream().mapToDouble(TrialResult::wrong).average().orElse(0));
  }

  private List<TrialResult> of(Subject subject, Strategy strategy, double rate) {
    return trials.stream()
        .filter(
            r ->
                r.trial().network().equals(subject.name())
                    && r.trial().strategy().equals(strategy.name())
                    && r.trial().rate() == rate)
        .filter(r -> strategy.trained() || r.trial().training() == 0)
        .toList();
  }

  /** Plain int8 without faults: of the same training seed where there are pairs. */
  private double reference(Subject subject, Trial of) {
    int training = subject.pairs().isEmpty() ? 0 : of.training();
    Trial reference = new Trial(subject.name(), Strategy.NONE, training, 0, 0);
    return trials.stream()
        .filter(r -> r.trial().equals(reference))
        .mapToDouble(TrialResult::value)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("drops need the strategy " + Strategy.NONE));
  }

  private double[] drops(Subject subject, List<TrialResult> of) {
    Measure measure = subject.plain().measure();
    return of.stream()
        .mapToDouble(r -> measure.drop(reference(subject, r.trial()), r.value()))
        .toArray();
  }

  /**
   * Drops that do not hang together: one a training seed where there are several, else one a fault
   * seed.
   */
  double[] independentDrops(Subject subject, Strategy strategy, double rate) {
    List<TrialResult> of = of(subject, strategy, rate);
    int trainings = strategy.trained() ? subject.trained().size() : 1;
    if (trainings < 2) {
      return drops(subject, of);
    }
    DoubleStream means = DoubleStream.empty();
    for (int t = 0; t < trainings; t++) {
      int training = t;
      List<TrialResult> own = of.stream().filter(r -> r.trial().training() == training).toList();
      means =
          DoubleStream.concat(
              means, DoubleStream.of(Arrays.stream(drops(subject, own)).average().orElseThrow()));
    }
    return means.toArray();
  }
}
