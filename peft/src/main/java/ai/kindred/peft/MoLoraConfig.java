package ai.kindred.peft;

import ai.kindred.core.config.Doc;
import ai.kindred.core.config.Range;
import ai.kindred.core.nn.Linear;
import java.util.List;

/**
 * How MoLORA is put into a model.
 *
 * @param experts m, LoRAs that are mixed
 * @param rank r, of each
 * @param scale what the adapter's output is multiplied by
 * @param router what the routers do
 * @param targets which products are adapted
 */
public record MoLoraConfig(
    @Doc("experts") @Range(min = 1, max = 65536) int experts,
    @Doc("rank of each expert") @Range(min = 1, max = 65536) int rank,
    @Doc("what the adapter's output is multiplied by") double scale,
    @Doc("what the routers do") RouterConfig router,
    @Doc("which products are adapted") Targets targets)
    implements AdapterConfig {

  static final String PEFT_TYPE = "MOLORA";

  /**
   * @throws IllegalArgumentException if a number is out of its range
   */
  public MoLoraConfig {
    check(experts, rank, scale, router);
  }

  static void check(int experts, int rank, double scale, RouterConfig router) {
    if (experts < 1 || rank < 1 || !Double.isFinite(scale)) {
      throw new IllegalArgumentException(
          "a mixture needs at least one expert, a rank of at least 1 and a finite scale, not "
              + experts
              + ", "
              + rank
              + " and "
              + scale);
    }
    RouterConfig.check(router.temperature(), router.topK(), experts);
  }

  /** 4 experts of rank 4 on all linear products. */
  public static MoLoraConfig defaults() {
    return of(4, 4, Targets.allLinear());
  }

  /** A mixture with scale 1. */
  public static MoLoraConfig of(int experts, int rank, Targets targets) {
    return new MoLoraConfig(experts, rank, 1, RouterConfig.defaults(), targets);
  }

  /** This with other routers. */
  public MoLoraConfig withRouter(RouterConfig other) {
    return new MoLoraConfig(experts, rank, scale, other, targets);
  }

  @Override
  public String peftType() {
    return PEFT_TYPE;
  }

  /** Every A starts as its own LoRA's would, every B at zero. */
  @Override
  public MoLora adapt(String path, Linear base, Init init) {
    return new MoLora(
        base,
        init.kaimingUniform("lora_A", (long) experts * rank, base.in()),
        init.zeros(base.out(), (long) experts * rank),
        router.router(init, "router", 1, experts, base.in()),
        scale);
  }

  @Override
  public List<String> warnings() {
    return router.warnings(experts);
  }
}
