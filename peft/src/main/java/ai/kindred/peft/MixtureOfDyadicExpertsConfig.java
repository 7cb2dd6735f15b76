package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.nn.Linear;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * How a mixture of dyadic experts is put into a model.
 *
 * @param experts m, up-projections that each slot chooses among
 * @param rank r, of the down-projection
 * @param expertRank p, rank of one expert; divides r
 * @param scale 1 in the paper
 * @param routerInit what the router's first values (kaiming-uniform with slope sqrt 5) are
 *     multiplied by
 * @param targets which products are adapted
 */
public record MixtureOfDyadicExpertsConfig(
    @Doc("experts a slot") @Range(min = 1, max = 65536) int experts,
    @Doc("rank of the down-projection") @Range(min = 1, max = 65536) int rank,
    @Doc("rank of an expert; divides rank") @Range(min = 1, max = 65536) int expertRank,
    @Doc("what the adapter's output is multiplied by") double scale,
    @Doc("factor of the router's first values") @Range(min = 0, max = 1000) double routerInit,
    @Doc("which products are adapted") Targets targets)
    implements AdapterConfig {

  static final String PEFT_TYPE = "MODE";

  /**
   * @throws IllegalArgumentException if the expert rank does not divide the rank or a number is out
   *     of its range
   */
  public MixtureOfDyadicExpertsConfig {
    if (experts < 1 || rank < 1 || expertRank < 1 || rank % expertRank != 0) {
      throw new IllegalArgumentException(
          "a mixture needs at least one expert and a rank that the expert rank divides, not "
              + experts
              + " experts, rank "
              + rank
              + ", expert rank "
              + expertRank);
    }
    if (!Double.isFinite(scale) || !(routerInit >= 0)) {
      throw new IllegalArgumentException(
          "scale must be a number and router init not negative, not "
              + scale
              + " and "
              + routerInit);
    }
  }

  /** 4 experts of rank one in 4 slots, on all linear products. */
  public static MixtureOfDyadicExpertsConfig defaults() {
    return of(4, 4, 1, Targets.allLinear());
  }

  /** A mixture as in the paper: scale 1. */
  public static MixtureOfDyadicExpertsConfig of(
      int experts, int rank, int expertRank, Targets targets) {
    return new MixtureOfDyadicExpertsConfig(experts, rank, expertRank, 1, 1, targets);
  }

  @Override
  public String peftType() {
    return PEFT_TYPE;
  }

  @Override
  public MixtureOfDyadicExperts adapt(String path, Linear base, Init init) {
    long scores = (long) (rank / expertRank) * experts;
    return new MixtureOfDyadicExperts(
        base,
        init.kaimingUniform("mode_A", rank, base.in()),
        init.zeros(base.out(), (long) experts * rank),
        routerInit == 0
            ? init.zeros(scores, base.in())
            : init.uniform(
                "mode_router", routerInit / Math.sqrt((double) base.in()), scores, base.in()),
        experts,
        rank,
        expertRank,
        scale);
  }

  @Override
  public List<String> warnings() {
    return routerInit == 0 && experts > 1
        ? List.of(
            "router_init is 0: with B = 0 every expert of a slot gets the same gradient and the"
                + " router none, so the experts never come apart; leave it at 1")
        : List.of();
  }

  @Override
  public ObjectNode toJson() {
    return ModeJson.toJson(this);
  }
}
