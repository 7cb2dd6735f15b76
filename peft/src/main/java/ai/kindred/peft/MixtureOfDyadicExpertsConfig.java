package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.nn.Linear;
import java.util.List;

/**
 * How a mixture of dyadic experts is put into a model.
 *
 * @param experts m, up-projections that each slot chooses among
 * @param rank r, of the down-projection
 * @param expertRank p, rank of one expert; divides r
 * @param scale 1 in the paper
 * @param router what the routers do
 * @param targets which products are adapted
 */
public record MixtureOfDyadicExpertsConfig(
    @Doc("experts a slot") @Range(min = 1, max = 65536) int experts,
    @Doc("rank of the down-projection") @Range(min = 1, max = 65536) int rank,
    @Doc("rank of an expert; divides rank") @Range(min = 1, max = 65536) int expertRank,
    @Doc("what the adapter's output is multiplied by") double scale,
    @Doc("what the routers do") RouterConfig router,
    @Doc("which products are adapted") Targets targets)
    implements AdapterConfig {

  static final String PEFT_TYPE = "MODE";

  /**
   * @throws IllegalArgumentException if the expert rank does not divide the rank or a number is out
   *     of its range
   */
  public MixtureOfDyadicExpertsConfig {
    check(experts, rank, expertRank);
    MoLoraConfig.check(experts, rank, scale, router);
  }

  static void check(int m, int r, int p) {
    if (m < 1 || r < 1 || p < 1 || r % p != 0) {
      throw new IllegalArgumentException(
          "a mixture needs at least one expert and a rank that the expert rank divides, not "
              + m
              + " experts, rank "
              + r
              + ", expert rank "
              + p);
    }
  }

  /** 4 experts of rank one in 4 slots, on all linear products. */
  public static MixtureOfDyadicExpertsConfig defaults() {
    return of(4, 4, 1, Targets.allLinear());
  }

  /** A mixture as in the paper: scale 1. */
  public static MixtureOfDyadicExpertsConfig of(
      int experts, int rank, int expertRank, Targets targets) {
    return new MixtureOfDyadicExpertsConfig(
        experts, rank, expertRank, 1, RouterConfig.defaults(), targets);
  }

  /** This with other routers. */
  public MixtureOfDyadicExpertsConfig withRouter(RouterConfig other) {
    return new MixtureOfDyadicExpertsConfig(experts, rank, expertRank, scale, other, targets);
  }

  @Override
  public String peftType() {
    return PEFT_TYPE;
  }

  @Override
  public MixtureOfDyadicExperts adapt(String path, Linear base, Init init) {
    return new MixtureOfDyadicExperts(
        base,
        init.kaimingUniform("mode_A", rank, base.in()),
        init.zeros(base.out(), (long) experts * rank),
        router.router(init, "mode_router", rank / expertRank, experts, base.in()),
        rank,
        expertRank,
        scale);
  }

  @Override
  public List<String> warnings() {
    return router.warnings(experts);
  }
}
