package ai.kindred.federated.privacy;

import java.util.ArrayList;
import java.util.List;

/**
 * All that was released about the users so far: what a run keeps to tell its epsilon, and to go on
 * telling it after a resume. Equal mechanisms are counted in one line, whenever they came: what
 * they cost together does not depend on their order.
 *
 * @param releases the mechanisms with their counts
 */
public record PrivacyLedger(List<Release> releases) {

  private static final long MOST_TIMES = 1_000_000_000_000L;

  /**
   * A mechanism that ran a number of times, each with fresh noise (and a fresh sample).
   *
   * @param mechanism what ran
   * @param times how often, 0 to 10^12
   */
  public record Release(Mechanism mechanism, long times) {
    public Release {
      if (times < 0 || times > MOST_TIMES) {
        throw new IllegalArgumentException(times + " rounds: it must be 0 to " + MOST_TIMES);
      }
    }
  }

  public PrivacyLedger {
    releases = List.copyOf(releases);
  }

  /** Nothing was released. */
  public static PrivacyLedger empty() {
    return new PrivacyLedger(List.of());
  }

  /** One mechanism, run a number of times. */
  public static PrivacyLedger of(Mechanism mechanism, long times) {
    return empty().and(mechanism, times);
  }

  /** This and one more release. */
  public PrivacyLedger and(Mechanism mechanism) {
    return and(mechanism, 1);
  }

  /** This and {@code times} more releases. */
  public PrivacyLedger and(Mechanism mechanism, long times) {
    List<Release> all = new ArrayList<>(releases);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).mechanism().equals(mechanism)) {
        all.set(
            i, new Release(mechanism, all.get(i).times() + new Release(mechanism, times).times()));
        return new PrivacyLedger(all);
      }
    }
    all.add(new Release(mechanism, times));
    return new PrivacyLedger(all);
  }

  /** The releases that tell anything, trees as Gaussian mechanisms. */
  List<SampledRelease> sampled() {
    List<SampledRelease> all = new ArrayList<>();
    for (Release release : releases) {
      SampledGaussian gaussian =
          release.mechanism() instanceof TreeAggregation tree
              ? tree.asGaussian()
              : (SampledGaussian) release.mechanism();
      if (release.times() > 0 && gaussian.samplingRate() > 0) {
        all.add(new SampledRelease(gaussian, release.times()));
      }
    }
    return all;
  }

  /** A sampled Gaussian that ran a number of times, both above zero. */
  record SampledRelease(SampledGaussian mechanism, long times) {}
}
