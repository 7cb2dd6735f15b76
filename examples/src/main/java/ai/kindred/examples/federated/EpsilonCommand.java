package ai.kindred.examples.federated;

import ai.kindred.cli.Output;
import ai.kindred.federated.privacy.Accountant;
import ai.kindred.federated.privacy.Calibration;
import ai.kindred.federated.privacy.PrivacyLedger;
import ai.kindred.federated.privacy.PrivacyLossAccountant;
import ai.kindred.federated.privacy.RenyiAccountant;
import ai.kindred.federated.privacy.SampledGaussian;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "epsilon",
    description = {
      "Privacy of training: epsilon of noise, or noise for an epsilon.",
      "",
      "Accounts for rounds in which every user takes part with the sampling rate's probability,"
          + " updates are clipped, and Gaussian noise is added to their sum. Epsilon is a user's:"
          + " neighbours differ by one user's whole data."
    })
final class EpsilonCommand implements Callable<Integer> {

  enum Method {
    rdp,
    pld
  }

  /** What is given and what is looked for. */
  static final class Noise {
    @Option(
        names = "--noise-multiplier",
        required = true,
        paramLabel = "S",
        description = "The noise's standard deviation over the clipping norm.")
    private @Nullable Double multiplier;

    @Option(
        names = "--target-epsilon",
        required = true,
        paramLabel = "E",
        description = "Instead: find the least noise multiplier within this epsilon.")
    private @Nullable Double target;
  }

  /** The line of {@code --json}. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Result(
      @JsonProperty("epsilon") double epsilon,
      @JsonProperty("accountant") String accountant,
      @JsonProperty("noise_multiplier") @Nullable Double noiseMultiplier) {}

  @Mixin private final Output output = new Output();

  @Option(
      names = "--sampling-rate",
      required = true,
      paramLabel = "Q",
      description = "A user's chance to be in a round, 0 to 1.")
  private double samplingRate;

  @ArgGroup(multiplicity = "1")
  private Noise noise = new Noise();

  @Option(names = "--rounds", required = true, paramLabel = "T", description = "Rounds.")
  private long rounds;

  @Option(
      names = "--delta",
      required = true,
      paramLabel = "D",
      description = "Delta, above 0 and well below 1 / number of users.")
  private double delta;

  @Option(
      names = "--accountant",
      paramLabel = "rdp|pld",
      description = {
        "rdp: Renyi divergences, quick. pld: privacy-loss distributions, tighter."
            + " Default: ${DEFAULT-VALUE}."
      })
  private Method method = Method.rdp;

  @Option(
      names = "--orders",
      split = ",",
      paramLabel = "A",
      description = "rdp: orders of the divergences, each above 1; a good set if not given.")
  private double @Nullable [] orders;

  @Option(
      names = "--interval",
      paramLabel = "H",
      description = "pld: distance of grid points; 1e-4 if not given, finer is tighter and slower.")
  private @Nullable Double interval;

  @Override
  public Integer call() throws IOException {
    try {
      Accountant accountant = accountant();
      if (noise.target != null) {
        double found =
            Calibration.noiseMultiplier(accountant, samplingRate, rounds, noise.target, delta);
        answer(accountant, found, true);
      } else if (noise.multiplier != null) {
        answer(accountant, noise.multiplier, false);
      }
      return 0;
    } catch (IllegalArgumentException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }

  private Accountant accountant() {
    if (orders != null && method != Method.rdp) {
      throw output.badUsage("--orders are of --accountant rdp");
    }
    if (interval != null && method != Method.pld) {
      throw output.badUsage("--interval is of --accountant pld");
    }
    return switch (method) {
      case rdp -> orders == null ? new RenyiAccountant() : new RenyiAccountant(orders);
      case pld ->
          interval == null ? new PrivacyLossAccountant() : new PrivacyLossAccountant(interval);
    };
  }

  private void answer(Accountant accountant, double multiplier, boolean sought) throws IOException {
    PrivacyLedger ledger = PrivacyLedger.of(new SampledGaussian(samplingRate, multiplier), rounds);
    double epsilon = accountant.epsilon(ledger, delta);
    String text =
        String.format(
            Locale.ROOT, "epsilon %.6g at delta %s (%s", epsilon, delta, accountant.name());
    if (accountant instanceof RenyiAccountant renyi) {
      text += ", order " + renyi.bound(ledger, delta).order();
    }
    text += ")";
    if (sought) {
      text = String.format(Locale.ROOT, "noise multiplier %.6g: %s", multiplier, text);
    }
    output.result(new Result(epsilon, accountant.name(), sought ? multiplier : null), text);
    if (multiplier == 0 && Double.isInfinite(epsilon)) {
      output
          .notes()
          .println("without noise nothing can be promised: a noise multiplier is above 0");
    } else if (accountant instanceof RenyiAccountant renyi) {
      noteEndOfOrders(renyi, ledger);
    } else if (accountant instanceof PrivacyLossAccountant loss && loss.isCoarseFor(ledger)) {
      output
          .notes()
          .println(
              "a round's loss varies less than the grid's interval, which overstates epsilon:"
                  + " a finer --interval gives less");
    }
  }

  /** The least order may be too high, or the greatest too low. */
  private void noteEndOfOrders(RenyiAccountant renyi, PrivacyLedger ledger) {
    RenyiAccountant.Bound bound = renyi.bound(ledger, delta);
    double[] all = renyi.orders();
    double least = Double.POSITIVE_INFINITY;
    double greatest = 0;
    for (double order : all) {
      least = Math.min(least, order);
      greatest = Math.max(greatest, order);
    }
    if (bound.epsilon() > 0 && (bound.order() == least || bound.order() == greatest)) {
      output
          .notes()
          .println(
              "the best order is the "
                  + (bound.order() == least ? "least" : "greatest")
                  + " there is: others (--orders), or --accountant pld, may give a smaller epsilon");
    }
  }
}
