package ai.kindred.reliability.campaign;

import ai.kindred.core.metrics.Interval;
import ai.kindred.core.metrics.StudentInterval;
import ai.kindred.reliability.campaign.Claim.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The claims of the abstract of Guan et al. (2019, arXiv:1910.14479), judged by rules that were
 * fixed before the figures were seen. A difference is that of mean drops, with Student's interval
 * at 95 %: paired where both sides have the same seeds, else by Welch's degrees of freedom. A claim
 * of no loss fails where the whole interval is worse than the margin, holds where the whole
 * interval is better than it, and is not settled in between.
 */
public final class Claims {

  private final Results results;
  private final List<Claim> claims = new ArrayList<>();

  private Claims(Results results) {
    this.results = results;
  }

  /** Judges every network of a campaign. */
  public static List<Claim> of(Results results) {
    Claims claims = new Claims(results);
    claims.results.campaign().subjects().forEach(claims::judge);
    return List.copyOf(claims.claims);
  }

  private void judge(Subject subject) {
    memory(subject);
    boolean trained = !subject.trained().isEmpty();
    Strategy own = strategy(trained ? Strategy.QATT : Strategy.INT7).orElse(null);
    if (own == null) {
      return;
    }
    Measure measure = subject.plain().measure();
    double[] cost = results.independentDrops(subject, own, 0);
    add(
        subject,
        trained
            ? "training to fit costs no accuracy"
            : own.name() + ", without training, costs no accuracy",
        "against plain int8 without faults, margin " + margin(measure),
        StudentInterval.mean(cost, Results.LEVEL),
        measure);
    strategy(Strategy.BESIDE).ifPresent(beside -> againstBeside(subject, own, beside, measure));
    if (trained) {
      strategy(Strategy.INT7).ifPresent(int7 -> againstInt7(subject, own, int7, measure));
    }
  }

  private void memory(Subject subject) {
    for (Strategy s : results.campaign().strategies()) {
      boolean traditional = s.name().equals(Strategy.BESIDE) || s.name().equals("tmr");
      if (traditional || s.name().equals(Strategy.QATT)) {
        double percent = 100 * s.space();
        claims.add(
            new Claim(
                traditional
                    ? s.name() + ", a traditional method, needs substantial memory"
                    : "protection without more memory",
                subject.name(),
                traditional ? "at least 10 % more than int8" : "no byte more than int8",
                (traditional ? percent >= 10 : percent == 0) ? Verdict.HOLDS : Verdict.FAILS,
                String.format(Locale.ROOT, "%.1f %% more", percent)));
      }
    }
  }

  private void againstBeside(Subject subject, Strategy own, Strategy beside, Measure measure) {
    for (double rate : results.campaign().rates()) {
      add(
          subject,
          String.format(Locale.ROOT, "%s is as reliable as (72,64) at %.0e", own.name(), rate),
          "drop beyond its own without faults, less that of (72,64), margin " + margin(measure),
          difference(beyondClean(subject, beside, rate), beyondClean(subject, own, rate)),
          measure);
    }
  }

  /** What the paper is not known to have tried. */
  private void againstInt7(Subject subject, Strategy own, Strategy int7, Measure measure) {
    double trivial = results.independentDrops(subject, int7, 0)[0];
    double[] trained = results.independentDrops(subject, own, 0);
    double[] gain = new double[trained.length];
    for (int i = 0; i < gain.length; i++) {
      gain[i] = trivial - trained[i];
    }
    Interval interval = StudentInterval.mean(gain, Results.LEVEL);
    claims.add(
        new Claim(
            "training is worth it beside 7-bit weights without training (ours, not the paper's)",
            subject.name(),
            "gain over int7 without faults: above 0 as a whole, or below",
            interval.low() > 0 ? Verdict.HOLDS : interval.high() < 0 ? Verdict.FAILS : Verdict.OPEN,
            shown(interval, measure)));
  }

  private double[] beyondClean(Subject subject, Strategy strategy, double rate) {
    double[] clean = results.independentDrops(subject, strategy, 0);
    double[] drops = results.independentDrops(subject, strategy, rate);
    for (int i = 0; i < drops.length; i++) {
      drops[i] -= clean[clean.length == 1 ? 0 : i];
    }
    return drops;
  }

  /** Mean of after - mean of before; not paired, since the seeds are of different things. */
  private static Interval difference(double[] before, double[] after) {
    return before.length == after.length
        ? StudentInterval.pairedDifference(before, after, Results.LEVEL)
        : StudentInterval.difference(before, after, Results.LEVEL);
  }

  private void add(Subject subject, String text, String rule, Interval drop, Measure measure) {
    Verdict verdict =
        drop.low() > measure.margin()
            ? Verdict.FAILS
            : drop.high() <= measure.margin() ? Verdict.HOLDS : Verdict.OPEN;
    claims.add(new Claim(text, subject.name(), rule, verdict, shown(drop, measure)));
  }

  private static String margin(Measure measure) {
    return measure.margin() + " " + measure.unit();
  }

  private static String shown(Interval interval, Measure measure) {
    boolean one = !Double.isFinite(interval.low());
    if (one || interval.low() == interval.high()) {
      String figure =
          String.format(
              Locale.ROOT,
              measure == Measure.ACCURACY ? "%.2f %s" : "%.4f %s",
              interval.estimate(),
              measure.unit());
      return one ? figure + ", one value, no interval" : figure;
    }
    return String.format(
        Locale.ROOT,
        measure == Measure.ACCURACY ? "%.2f [%.2f, %.2f] %s" : "%.4f [%.4f, %.4f] %s",
        interval.estimate(),
        interval.low(),
        interval.high(),
        measure.unit());
  }

  private Optional<Strategy> strategy(String name) {
    return results.campaign().strategies().stream().filter(s -> s.name().equals(name)).findFirst();
  }
}
