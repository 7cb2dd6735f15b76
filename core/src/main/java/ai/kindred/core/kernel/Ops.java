package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Cost.EACH;
import static ai.kindred.core.kernel.Cost.EACH_READ;
import static ai.kindred.core.kernel.Cost.FREE;
import static ai.kindred.core.kernel.Cost.product;
import static ai.kindred.core.kernel.Rules.elementwise;

import java.util.List;

/**
 * The operations: name, rule of types and lengths, behaviour on stacked lanes, cost. Axes are
 * always counted from the end here, so that a leading lane axis changes nothing.
 */
final class Ops {

  private Ops() {}

  static final Op.Text PLAIN =
      (out, op, args, results) ->
          out.line(
              String.join(", ", results) + " = " + op.name() + "(" + String.join(", ", args) + ")");

  // Arithmetic, with broadcasting.
  static final Op ADD = each("torch.add", Rules::promoted);

  /** Arguments: x, y, alpha of {@code x + alpha y}. */
  static final Op ADD_SCALED = each("torch.add", Rules::promoted);

  static final Op SUB = each("torch.sub", Rules::promoted);
  static final Op RSUB = each("torch.rsub", Rules::promoted);
  static final Op MUL = each("torch.mul", Rules::promoted);
  static final Op POW = each("torch.pow", Rules::promoted);
  static final Op MAXIMUM = each("torch.maximum", Rules::promoted);
  static final Op MINIMUM = each("torch.minimum", Rules::promoted);
  static final Op REMAINDER = each("torch.remainder", Rules::promoted);
  static final Op DIV = each("torch.div", Rules::divided);
  static final Op XOR = each("torch.bitwise_xor", Rules::promoted);
  static final Op BITWISE_AND = each("torch.bitwise_and", Rules::promoted);
  static final Op SHIFT_RIGHT = each("torch.bitwise_right_shift", Rules::promoted);
  static final Op EQ = each("torch.eq", Rules::truth);
  static final Op NE = each("torch.ne", Rules::truth);
  static final Op LT = each("torch.lt", Rules::truth);
  static final Op LE = each("torch.le", Rules::truth);
  static final Op GT = each("torch.gt", Rules::truth);
  static final Op GE = each("torch.ge", Rules::truth);
  static final Op AND = each("torch.logical_and", Rules::truth);
  static final Op OR = each("torch.logical_or", Rules::truth);
  static final Op NOT = each("torch.logical_not", Rules::truth);
  static final Op ISFINITE = each("torch.isfinite", Rules::truth);
  static final Op WHERE =
      new Op("torch.where", elementwise(Rules::chosen), LaneRules::where, EACH, PLAIN);

  /** Arguments: y, a, b of {@code y + a b}. */
  static final Op ADDCMUL = each("torch.addcmul", Rules::promoted);

  static final Op CLAMP = each("torch.clamp", Rules::clamped);

  // Functions of each element.
  static final Op NEG = each("torch.neg", Rules::first);
  static final Op ABS = each("torch.abs", Rules::first);
  static final Op SIGN = each("torch.sign", Rules::first);
  static final Op FLOOR = each("torch.floor", Rules::first);
  static final Op ROUND = each("torch.round", Rules::first);
  static final Op RELU = each("torch.relu", Rules::first);
  static final Op DETACH = same("torch.detach", Rules::unchanged, FREE);
  static final Op CONTIGUOUS = same("torch.contiguous", Rules::unchanged, FREE);
  static final Op CLONE = same("torch.clone", Rules::unchanged, FREE);
  static final Op EXP = each("torch.exp", Rules::real);
  static final Op EXPM1 = each("torch.expm1", Rules::real);
  static final Op LOG = each("torch.log", Rules::real);
  static final Op LOG1P = each("torch.log1p", Rules::real);
  static final Op SQRT = each("torch.sqrt", Rules::real);
  static final Op RSQRT = each("torch.rsqrt", Rules::real);
  static final Op RECIPROCAL = each("torch.reciprocal", Rules::real);
  static final Op SIN = each("torch.sin", Rules::real);
  static final Op COS = each("torch.cos", Rules::real);
  static final Op TANH = each("torch.tanh", Rules::real);
  static final Op ERF = each("torch.erf", Rules::real);
  static final Op SIGMOID = each("torch.sigmoid", Rules::real);
  static final Op SILU = each("torch.silu", Rules::first);
  static final Op GELU = each("torch.gelu", Rules::first);
  static final Op SOFTPLUS = each("torch.softplus", Rules::first);
  static final Op TO = each("torch.to", args -> (DType) args[1]);

  /** Marks a copy as a variable that gradients are taken of. */
  static final Op VARIABLE =
      new Op(
          "torch.requires_grad_",
          Rules::unchanged,
          LaneRules::allLanes,
          FREE,
          (out, op, args, results) ->
              out.line(
                  results.get(0)
                      + " = torch.requires_grad_(torch.detach("
                      + args.get(0)
                      + "), True)"));

  // Functions along axes.
  static final Op SUM = reduction("torch.sum", Rules::sum);
  static final Op MEAN = reduction("torch.mean", Rules::mean);
  static final Op AMAX = reduction("torch.amax", Rules::extreme);
  static final Op AMIN = reduction("torch.amin", Rules::extreme);
  static final Op LOGSUMEXP = reduction("torch.logsumexp", Rules::logsumexp);
  static final Op ARGMAX = same("torch.argmax", Rules::index, FREE);
  static final Op ARGMIN = same("torch.argmin", Rules::index, FREE);
  static final Op SOFTMAX = same("torch.softmax", Rules::unchanged, Cost.SOFTMAX);
  static final Op LOG_SOFTMAX = same("torch.log_softmax", Rules::unchanged, Cost.SOFTMAX);

  /** Arguments: x, the list of the last axis' length, no weight, no bias, eps. */
  static final Op LAYER_NORM =
      new Op("torch.layer_norm", Rules::unchanged, LaneRules::sameArguments, Cost.SOFTMAX, PLAIN);

  static final Op CUMSUM = same("torch.cumsum", Rules::cumsum, EACH);
  static final Op ROLL = same("torch.roll", Rules::unchanged, FREE);
  static final Op FLIP = same("torch.flip", Rules::unchanged, FREE);
  static final Op TRIL = same("torch.tril", Rules::unchanged, FREE);
  static final Op TRIU = same("torch.triu", Rules::unchanged, FREE);
  static final Op TOPK = same("torch.topk", Rules::topk, FREE);
  static final Op SORT = same("torch.sort", Rules::sort, FREE);

  // Products.
  static final Op MATMUL =
      new Op("torch.matmul", Products::matmul, LaneRules::matmul, product(0), PLAIN);
  static final Op LINEAR =
      new Op("torch.linear", Products::linear, LaneRules::linear, product(0), PLAIN);

  /**
   * A weight in the order that oneDNN's products read best; only {@link #BLOCKED_LINEAR} reads it.
   */
  static final Op BLOCKED =
      new Op(
          "ops.mkldnn._reorder_linear_weight",
          Products::blocked,
          LaneRules.UNSUPPORTED,
          FREE,
          (out, op, args, results) ->
              out.line(results.get(0) + " = " + op.name() + "(" + args.get(0) + ", None)"));

  /** Arguments: x, a blocked weight, a bias or None. */
  static final Op BLOCKED_LINEAR =
      new Op(
          "ops.mkldnn._linear_pointwise",
          Products::linear,
          LaneRules.UNSUPPORTED,
          product(0),
          (out, op, args, results) ->
              out.line(
                  results.get(0)
                      + " = "
                      + op.name()
                      + "("
                      + String.join(", ", args)
                      + ", \"none\", annotate(List[Optional[number]], []), \"\")"));

  static final Op ADDMM =
      new Op("torch.addmm_", Products::addmm, LaneRules::addmm, product(1), PLAIN);
  static final Op BADDBMM =
      new Op("torch.baddbmm", Products::baddbmm, LaneRules::baddbmm, product(1), PLAIN);

  /** In place, for {@link #ADDMM} on lanes. */
  static final Op BADDBMM_OVER =
      new Op("torch.baddbmm_", Products::baddbmm, LaneRules.UNSUPPORTED, product(1), PLAIN);

  static final Op ATTENTION =
      new Op(
          "torch.scaled_dot_product_attention",
          Products::attention,
          LaneRules::attention,
          Cost.ATTENTION,
          PLAIN);
  static final Op INT8_LINEAR =
      new Op(
          "torch._weight_int8pack_mm",
          Products::int8Linear,
          LaneRules::int8Linear,
          product(0),
          PLAIN);

  // Images [n, channels, height, width].

  /** Arguments: x, weight, bias or None, strides, paddings, dilations, groups. */
  static final Op CONV2D =
      new Op(
          "torch.conv2d", Convolutions::conv2d, ConvolutionLanes::conv2d, Cost.CONVOLUTION, PLAIN);

  /** Arguments: x, lengths of the window, strides, paddings. */
  static final Op MAX_POOL2D = pool("torch.max_pool2d");

  static final Op AVG_POOL2D = pool("torch.avg_pool2d");

  /** Arguments: x, groups, no weight, no bias, eps. */
  static final Op GROUP_NORM =
      new Op(
          "torch.group_norm",
          Convolutions::groupNorm,
          ConvolutionLanes::folded,
          Cost.SOFTMAX,
          PLAIN);

  /** Arguments: x, no weight, bias, running mean and variance, true, unused, eps, unused. */
  static final Op BATCH_NORM =
      new Op(
          "torch.batch_norm",
          Convolutions::batchNorm,
          ConvolutionLanes::byChannel,
          Cost.SOFTMAX,
          PLAIN);

  static final Op PAD = same("torch.constant_pad_nd", Convolutions::pad, FREE);

  // Shapes.
  static final Op RESHAPE = new Op("torch.reshape", Rules::reshape, LaneRules::sized, FREE, PLAIN);
  static final Op EXPAND = new Op("torch.expand", Rules::expand, LaneRules::expand, FREE, PLAIN);
  static final Op PERMUTE =
      new Op("torch.permute", Rules::permute, LaneRules::permute, FREE, PLAIN);
  static final Op TRANSPOSE = same("torch.transpose", Rules::transpose, FREE);
  static final Op UNSQUEEZE = same("torch.unsqueeze", Rules::unsqueeze, FREE);
  static final Op SQUEEZE = same("torch.squeeze", Rules::squeeze, FREE);
  static final Op NARROW = same("torch.narrow", Rules::narrow, FREE);
  static final Op SELECT = same("torch.select", Rules::select, FREE);
  static final Op CAT = new Op("torch.cat", Rules::cat, LaneRules::cat, FREE, PLAIN);
  static final Op REPEAT_INTERLEAVE =
      same("torch.repeat_interleave", Rules::repeatInterleave, FREE);

  // Indexing.
  static final Op INDEX_SELECT =
      new Op("torch.index_select", Rules::indexSelect, LaneRules::indexSelect, FREE, PLAIN);
  static final Op GATHER = new Op("torch.gather", Rules::gather, LaneRules::allLanes, FREE, PLAIN);
  static final Op EMBEDDING =
      new Op("torch.embedding", Rules::embedding, LaneRules::embedding, FREE, PLAIN);
  static final Op INDEX_ADD =
      new Op("torch.index_add", Rules::indexAdd, LaneRules::indexAdd, EACH, PLAIN);
  static final Op SCATTER_ADD =
      new Op("torch.scatter_add", Rules::scatterAdd, LaneRules::allLanes, EACH, PLAIN);

  /** Writes a tensor into a slice of another, in place. */
  static final Op WRITE =
      new Op(
          "torch.copy_",
          Rules::write,
          LaneRules::allLanes,
          FREE,
          (out, op, args, results) -> {
            String into = args.get(0);
            String slice = "torch.narrow(" + into + ", " + args.get(1) + ", " + args.get(2) + ", ";
            String length = "torch.size(" + args.get(3) + ", " + args.get(1) + ")";
            out.line(
                out.fresh("_") + " = torch.copy_(" + slice + length + "), " + args.get(3) + ")");
            out.line(results.get(0) + " = " + into);
          });

  // New tensors.
  static final Op FULL = new Op("torch.full", Rules::full, LaneRules::noTensors, FREE, PLAIN);
  static final Op ARANGE = new Op("torch.arange", Rules::arange, LaneRules::noTensors, FREE, PLAIN);

  /** Arguments: sizes, element type, key (a whole-number tensor of one element). */
  static final Op RAND =
      new Op("torch.rand", Rules::random, LaneRules::oneByOne, EACH, Ops::randomText);

  static final Op RANDN =
      new Op("torch.randn", Rules::random, LaneRules::oneByOne, EACH, Ops::randomText);

  /** Gradients of one result: arguments are the result, its cotangent or None, the variables. */
  static final Op GRADIENT =
      new Op("torch.autograd.grad", Rules::gradient, LaneRules::gradient, FREE, Ops::gradientText);

  /** Reads the bytes of a tensor as elements of another type. */
  static final Op VIEW_AS = same("torch.view_copy", Rules::viewAs, FREE);

  /** Whether an operation changes its first argument. */
  static boolean writes(Op op) {
    return op.equals(WRITE) || op.equals(ADDMM) || op.equals(BADDBMM_OVER);
  }

  private static Op each(String name, Rules.TypeRule type) {
    return new Op(name, elementwise(type), LaneRules::aligned, EACH, PLAIN);
  }

  private static Op same(String name, Op.Rule rule, Op.Cost cost) {
    return new Op(name, rule, LaneRules::sameArguments, cost, PLAIN);
  }

  private static Op pool(String name) {
    return new Op(name, Convolutions::pool2d, ConvolutionLanes::folded, Cost.EACH_WINDOW, PLAIN);
  }

  private static Op reduction(String name, Op.Rule rule) {
    return new Op(name, rule, LaneRules::reduction, EACH_READ, PLAIN);
  }

  private static void randomText(Printer out, Op op, List<String> args, List<String> results) {
    out.line(
        results.get(0)
            + " = "
            + op.name()
            + "("
            + args.get(0)
            + ", generator=torch.Generator(device=torch.device(\"cpu\"), seed=int("
            + args.get(2)
            + ")), dtype="
            + args.get(1)
            + ")");
  }

  /** A variable that the result does not depend on has no gradient: zero. */
  private static final String GRADIENT_OR_ZERO =
      """
      (self: __torch__.K, found: Optional[Tensor], variable: Tensor) -> Tensor:
          if torch.__isnot__(found, None):
            gradient = unchecked_cast(Tensor, found)
          else:
            gradient = torch.zeros_like(variable)
          return gradient
      """;

  private static void gradientText(Printer out, Op op, List<String> args, List<String> results) {
    String grads = out.fresh("grads");
    out.line(
        grads
            + " = torch.autograd.grad("
            + args.get(0)
            + ", "
            + args.get(2)
            + ", annotate(List[Optional[Tensor]], "
            + args.get(1)
            + "), None, False, True)");
    String[] names = args.get(2).substring(1, args.get(2).length() - 1).split(", ", -1);
    for (int i = 0; i < results.size(); i++) {
      String given = out.helper("gradient", GRADIENT_OR_ZERO);
      out.line(results.get(i) + " = " + given + "(" + grads + "[" + i + "], " + names[i] + ")");
    }
  }
}
