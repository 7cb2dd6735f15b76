package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.nn.Linear;
import java.util.List;

/**
 * How MoLORA-SD is put into a model.
 *
 * @param experts m, up-projections that are mixed
 * @param rank r, of the down-projection and of each up-projection
 * @param scale what the adapter's output is multiplied by
 * @param router what the routers do
 * @param targets which products are adapted
 */
public record MoLoraSharedDownConfig(
    @Doc("experts") @Range(min = 1, max = 65536) int experts,
    @Doc("rank") @Range(min = 1, max = 65536) int rank,
    @Doc("what the adapter's output is multiplied by") double scale,
    @Doc("what the routers do") RouterConfig router,
    @Doc("which products are adapted") Targets targets)
    implements AdapterConfig {

  static final String PEFT_TYPE = "MOLORA_SD";

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public MoLoraSharedDownConfig {
    MoLoraConfig.check(experts, rank, scale, router);
  }

  /** 4 experts of rank 4 on all linear products. */
  public static MoLoraSharedDownConfig defaults() {
    return of(4, 4, Targets.allLinear());
  }

  /** A mixture with scale 1. */
  public static MoLoraSharedDownConfig of(int experts, int rank, Targets targets) {
    return new MoLoraSharedDownConfig(experts, rank, 1, RouterConfig.defaults(), targets);
  }

  /** This with other routers. */
  public MoLoraSharedDownConfig withRouter(RouterConfig other) {
    return new MoLoraSharedDownConfig(experts, rank, scale, other, targets);
  }

  @Override
  public String peftType() {
    return PEFT_TYPE;
  }

  @Override
  public MoLoraSharedDown adapt(String path, Linear base, Init init) {
    return new MoLoraSharedDown(
        base,
        init.kaimingUniform("lora_A", rank, base.in()),
        init.zeros(base.out(), (long) experts * rank),
        router.router(init, "router", 1, experts, base.in()),
        scale);
  }

  @Override
  public List<String> warnings() {
    return router.warnings(experts);
  }
}
