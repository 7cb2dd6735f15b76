package ai.kindred.core.kernel;

import static ai.kindred.core.kernel.Shapes.broadcast;
import static ai.kindred.core.kernel.Shapes.meta;
import static ai.kindred.core.kernel.Shapes.promote;
import static ai.kindred.core.kernel.Shapes.reduce;
import static ai.kindred.core.kernel.Shapes.same;

import java.util.ArrayList;
import java.util.List;

/**
 * The operations: name, rule of types and lengths, behaviour on stacked lanes, cost. Axes are
 * always counted from the end here, so that a leading lane axis changes nothing.
 */
final class Ops {

  private Ops() {}

  private static final Op.Cost FREE = (args, outputs) -> 0;

  /** One floating-point operation an element of the result. */
  private static final Op.Cost EACH = (args, outputs) -> elements(outputs.get(0).shape());

  static final Op.Text PLAIN =
      (out, op, args, results) ->
          out.line(
              String.join(", ", results) + " = " + op.name() + "(" + String.join(", ", args) + ")");

  // Arithmetic, with broadcasting.
  static final Op ADD = arithmetic("torch.add");
  static final Op SUB = arithmetic("torch.sub");
  static final Op RSUB = arithmetic("torch.rsub");
  static final Op MUL = arithmetic("torch.mul");
  static final Op POW = arithmetic("torch.pow");
  static final Op MAXIMUM = arithmetic("torch.maximum");
  static final Op MINIMUM = arithmetic("torch.minimum");
  static final Op REMAINDER = arithmetic("torch.remainder");
  static final Op DIV = elementwise("torch.div", Ops::divided);
  static final Op XOR = arithmetic("torch.bitwise_xor");
  static final Op SHIFT_RIGHT = arithmetic("torch.bitwise_right_shift");
  static final Op EQ = elementwise("torch.eq", Ops::truth);
  static final Op NE = elementwise("torch.ne", Ops::truth);
  static final Op LT = elementwise("torch.lt", Ops::truth);
  static final Op LE = elementwise("torch.le", Ops::truth);
  static final Op GT = elementwise("torch.gt", Ops::truth);
  static final Op GE = elementwise("torch.ge", Ops::truth);
  static final Op AND = elementwise("torch.logical_and", Ops::truth);
  static final Op OR = elementwise("torch.logical_or", Ops::truth);
  static final Op NOT = elementwise("torch.logical_not", Ops::truth);
  static final Op ISFINITE = elementwise("torch.isfinite", Ops::truth);
  static final Op WHERE = elementwise("torch.where", Ops::chosen);
  static final Op CLAMP = elementwise("torch.clamp", args -> meta(args[0]).dtype());

  // Functions of each element.
  static final Op NEG = kept("torch.neg");
  static final Op ABS = kept("torch.abs");
  static final Op SIGN = kept("torch.sign");
  static final Op FLOOR = kept("torch.floor");
  static final Op ROUND = kept("torch.round");
  static final Op RELU = kept("torch.relu");
  static final Op DETACH = kept("torch.detach");
  static final Op CONTIGUOUS = kept("torch.contiguous");
  static final Op CLONE = kept("torch.clone");
  static final Op EXP = real("torch.exp");
  static final Op EXPM1 = real("torch.expm1");
  static final Op LOG = real("torch.log");
  static final Op LOG1P = real("torch.log1p");
  static final Op SQRT = real("torch.sqrt");
  static final Op RSQRT = real("torch.rsqrt");
  static final Op RECIPROCAL = real("torch.reciprocal");
  static final Op SIN = real("torch.sin");
  static final Op COS = real("torch.cos");
  static final Op TANH = real("torch.tanh");
  static final Op ERF = real("torch.erf");
  static final Op SIGMOID = real("torch.sigmoid");
  static final Op SILU = real("torch.silu");
  static final Op GELU = real("torch.gelu");
  static final Op SOFTPLUS = real("torch.softplus");
  static final Op TO = elementwise("torch.to", args -> (DType) args[1]);

  /** Marks a copy as a variable that gradients are taken of. */
  static final Op VARIABLE =
      new Op(
          "torch.requires_grad_",
          args -> List.of(meta(args[0])),
          Stacking::sameArguments,
          FREE,
          (out, op, args, results) ->
              out.line(
                  results.get(0)
                      + " = torch.requires_grad_(torch.detach("
                      + args.get(0)
                      + "), True)"));

  // Functions along axes.
  static final Op SUM = reduction("torch.sum");
  static final Op MEAN = reduction("torch.mean");
  static final Op AMAX = reduction("torch.amax");
  static final Op AMIN = reduction("torch.amin");
  static final Op LOGSUMEXP = reduction("torch.logsumexp");
  static final Op ARGMAX = index("torch.argmax");
  static final Op ARGMIN = index("torch.argmin");
  static final Op SOFTMAX = along("torch.softmax");
  static final Op LOG_SOFTMAX = along("torch.log_softmax");
  static final Op CUMSUM =
      new Op(
          "torch.cumsum",
          args ->
              List.of(
                  meta(args[0]).dtype().isFloating()
                      ? meta(args[0])
                      : meta(args[0]).withDtype(DType.INT64)),
          Stacking::sameArguments,
          EACH,
          PLAIN);
  static final Op FLIP =
      new Op("torch.flip", args -> List.of(meta(args[0])), Stacking::sameArguments, FREE, PLAIN);
  static final Op TRIL =
      new Op("torch.tril", args -> List.of(meta(args[0])), Stacking::sameArguments, FREE, PLAIN);
  static final Op TRIU =
      new Op("torch.triu", args -> List.of(meta(args[0])), Stacking::sameArguments, FREE, PLAIN);
  static final Op TOPK =
      new Op(
          "torch.topk",
          args -> {
            Meta x = meta(args[0]);
            List<Dim> shape = Shapes.with(x.shape(), axis(args[2]), (Dim) args[1]);
            return List.of(new Meta(x.dtype(), shape), new Meta(DType.INT64, shape));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);
  static final Op SORT =
      new Op(
          "torch.sort",
          args -> List.of(meta(args[0]), meta(args[0]).withDtype(DType.INT64)),
          Stacking::sameArguments,
          FREE,
          PLAIN);

  // Products.
  static final Op MATMUL =
      new Op("torch.matmul", Ops::matmul, Stacking::matmul, Ops::matmulFlops, PLAIN);
  static final Op LINEAR =
      new Op("torch.linear", Ops::linear, Stacking::linear, Ops::linearFlops, PLAIN);
  static final Op ADDMM =
      new Op(
          "torch.addmm_",
          args -> List.of(meta(args[0])),
          Stacking.UNSUPPORTED,
          (args, outputs) -> 2 * elements(meta(args[0]).shape()) * length(meta(args[1]).size(-1)),
          PLAIN);
  static final Op BADDBMM =
      new Op(
          "torch.baddbmm",
          args -> {
            List<Dim> a = meta(args[1]).shape();
            return List.of(
                new Meta(
                    meta(args[1]).dtype(), List.of(a.get(0), a.get(1), meta(args[2]).size(-1))));
          },
          Stacking.UNSUPPORTED,
          (args, outputs) -> 2 * elements(outputs.get(0).shape()) * length(meta(args[1]).size(-1)),
          PLAIN);
  static final Op ATTENTION =
      new Op(
          "torch.scaled_dot_product_attention",
          args ->
              List.of(
                  new Meta(
                      meta(args[0]).dtype(),
                      Shapes.with(meta(args[0]).shape(), -1, meta(args[2]).size(-1)))),
          Stacking.UNSUPPORTED,
          (args, outputs) -> 4 * elements(meta(args[0]).shape()) * length(meta(args[1]).size(-2)),
          PLAIN);
  static final Op INT8_LINEAR =
      new Op(
          "torch._weight_int8pack_mm",
          args -> {
            same(meta(args[0]).size(-1), meta(args[1]).size(-1), "input width and weight width");
            return List.of(
                new Meta(
                    meta(args[0]).dtype(), List.of(meta(args[0]).size(0), meta(args[1]).size(0))));
          },
          Stacking.UNSUPPORTED,
          (args, outputs) -> 2 * elements(outputs.get(0).shape()) * length(meta(args[0]).size(-1)),
          PLAIN);

  // Shapes.
  static final Op RESHAPE =
      new Op(
          "torch.reshape",
          args ->
              List.of(
                  new Meta(
                      meta(args[0]).dtype(), Shapes.reshape(meta(args[0]).shape(), dims(args[1])))),
          Stacking::sized,
          FREE,
          PLAIN);
  static final Op EXPAND =
      new Op(
          "torch.expand",
          args -> {
            List<Dim> from = meta(args[0]).shape();
            List<Dim> to = new ArrayList<>(dims(args[1]));
            int lead = to.size() - from.size();
            if (lead < 0) {
              throw new IllegalArgumentException("shape " + from + " does not expand to " + to);
            }
            for (int i = lead; i < to.size(); i++) {
              Dim f = from.get(i - lead);
              if (to.get(i).is(-1)) {
                to.set(i, f);
              } else if (!f.is(1)) {
                same(f, to.get(i), "shape " + from + " does not expand to " + to);
              }
            }
            return List.of(new Meta(meta(args[0]).dtype(), to));
          },
          Stacking::expand,
          FREE,
          PLAIN);
  static final Op PERMUTE =
      new Op(
          "torch.permute",
          args -> {
            List<Dim> shape = meta(args[0]).shape();
            return List.of(
                new Meta(
                    meta(args[0]).dtype(),
                    ((List<?>) args[1])
                        .stream().map(a -> shape.get(((Long) a).intValue())).toList()));
          },
          Stacking::permute,
          FREE,
          PLAIN);
  static final Op TRANSPOSE =
      new Op(
          "torch.transpose",
          args -> {
            Meta x = meta(args[0]);
            List<Dim> shape = Shapes.with(x.shape(), axis(args[1]), x.size(axis(args[2])));
            return List.of(
                new Meta(x.dtype(), Shapes.with(shape, axis(args[2]), x.size(axis(args[1])))));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);
  static final Op UNSQUEEZE =
      new Op(
          "torch.unsqueeze",
          args -> {
            List<Dim> shape = new ArrayList<>(meta(args[0]).shape());
            shape.add(shape.size() + 1 + axis(args[1]), Dim.of(1));
            return List.of(new Meta(meta(args[0]).dtype(), shape));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);
  static final Op SQUEEZE =
      new Op(
          "torch.squeeze",
          args -> {
            Meta x = meta(args[0]);
            same(x.size(axis(args[1])), Dim.of(1), "the length of a squeezed axis");
            List<Dim> shape = new ArrayList<>(x.shape());
            shape.remove(shape.size() + axis(args[1]));
            return List.of(new Meta(x.dtype(), shape));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);
  static final Op NARROW =
      new Op(
          "torch.narrow",
          args -> {
            Meta x = meta(args[0]);
            Long have = x.size(axis(args[1])).hint();
            Long end = ((Dim) args[2]).plus((Dim) args[3]).hint();
            if (have != null && end != null && end > have) {
              throw new IllegalArgumentException(
                  "a slice up to " + end + " of an axis of length " + have);
            }
            return List.of(
                new Meta(x.dtype(), Shapes.with(x.shape(), axis(args[1]), (Dim) args[3])));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);
  static final Op SELECT =
      new Op(
          "torch.select",
          args -> {
            List<Dim> shape = new ArrayList<>(meta(args[0]).shape());
            shape.remove(shape.size() + axis(args[1]));
            return List.of(new Meta(meta(args[0]).dtype(), shape));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);
  static final Op CAT =
      new Op(
          "torch.cat",
          args -> {
            List<?> parts = (List<?>) args[0];
            Meta first = meta(parts.get(0));
            Dim total = Dim.of(0);
            DType dtype = first.dtype();
            for (Object p : parts) {
              total = total.plus(meta(p).size(axis(args[1])));
              dtype = promote(new Meta(dtype, first.shape()), meta(p));
            }
            return List.of(new Meta(dtype, Shapes.with(first.shape(), axis(args[1]), total)));
          },
          Stacking::cat,
          FREE,
          PLAIN);
  static final Op REPEAT_INTERLEAVE =
      new Op(
          "torch.repeat_interleave",
          args -> {
            Meta x = meta(args[0]);
            Dim longer = x.size(axis(args[2])).times((Dim) args[1]);
            return List.of(new Meta(x.dtype(), Shapes.with(x.shape(), axis(args[2]), longer)));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);

  // Indexing.
  static final Op INDEX_SELECT =
      new Op(
          "torch.index_select",
          args ->
              List.of(
                  new Meta(
                      meta(args[0]).dtype(),
                      Shapes.with(meta(args[0]).shape(), axis(args[1]), meta(args[2]).size(0)))),
          Stacking::indexSelect,
          FREE,
          PLAIN);
  static final Op GATHER =
      new Op(
          "torch.gather",
          args -> List.of(new Meta(meta(args[0]).dtype(), meta(args[2]).shape())),
          Stacking::allLanes,
          FREE,
          PLAIN);
  static final Op EMBEDDING =
      new Op(
          "torch.embedding",
          args -> {
            List<Dim> shape = new ArrayList<>(meta(args[1]).shape());
            shape.add(meta(args[0]).size(-1));
            return List.of(new Meta(meta(args[0]).dtype(), shape));
          },
          Stacking::embedding,
          FREE,
          PLAIN);
  static final Op INDEX_ADD =
      new Op("torch.index_add", args -> List.of(meta(args[0])), Stacking.UNSUPPORTED, EACH, PLAIN);
  static final Op SCATTER_ADD =
      new Op("torch.scatter_add", args -> List.of(meta(args[0])), Stacking::allLanes, EACH, PLAIN);

  /** Writes a tensor into a slice of another, in place. */
  static final Op WRITE =
      new Op(
          "torch.copy_",
          args -> List.of(meta(args[0])),
          Stacking::allLanes,
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
  static final Op FULL = creation("torch.full");
  static final Op ARANGE =
      new Op(
          "torch.arange",
          args -> List.of(Meta.of((DType) ((Op.Keyword) args[1]).value(), (Dim) args[0])),
          Stacking::noTensors,
          FREE,
          PLAIN);
  static final Op RAND = random("torch.rand");
  static final Op RANDN = random("torch.randn");

  // Gradients.
  /** Gradients of one result: arguments are the result, its cotangent or None, the variables. */
  static final Op GRADIENT =
      new Op(
          "torch.autograd.grad",
          args -> ((List<?>) args[2]).stream().map(Shapes::meta).toList(),
          Stacking::gradient,
          FREE,
          Ops::gradientText);

  /** Reads the bytes of a tensor as elements of another type. */
  static final Op VIEW_AS =
      new Op(
          "torch.view_copy",
          args -> {
            Meta x = meta(args[0]);
            DType to = (DType) args[1];
            Dim last = x.size(-1).times(x.dtype().bytes()).over(to.bytes());
            return List.of(new Meta(to, Shapes.with(x.shape(), -1, last)));
          },
          Stacking::sameArguments,
          FREE,
          PLAIN);

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
    String variables = args.get(2).substring(1, args.get(2).length() - 1);
    String[] names = variables.split(", ", -1);
    for (int i = 0; i < results.size(); i++) {
      // A variable that the result does not depend on has no gradient: zero.
      String maybe = out.fresh("maybe");
      out.line(maybe + " = " + grads + "[" + i + "]");
      out.line("if torch.__isnot__(" + maybe + ", None):");
      out.line("  " + results.get(i) + " = unchecked_cast(Tensor, " + maybe + ")");
      out.line("else:");
      out.line("  " + results.get(i) + " = torch.zeros_like(" + names[i] + ")");
    }
  }

  // Rules.

  private interface TypeRule {
    DType type(Object[] args);
  }

  private static Op elementwise(String name, TypeRule type) {
    return new Op(
        name,
        args -> {
          List<Dim> shape = List.of();
          for (Object a : args) {
            if (a instanceof Tensor t) {
              shape = broadcast(shape, t.meta().shape());
            }
          }
          return List.of(new Meta(type.type(args), shape));
        },
        Stacking::aligned,
        EACH,
        PLAIN);
  }

  private static Op arithmetic(String name) {
    return elementwise(name, Ops::promoted);
  }

  private static Op kept(String name) {
    return elementwise(name, args -> meta(args[0]).dtype());
  }

  private static Op real(String name) {
    return elementwise(
        name, args -> meta(args[0]).dtype().isFloating() ? meta(args[0]).dtype() : DType.FLOAT32);
  }

  private static DType promoted(Object[] args) {
    if (args[0] instanceof Tensor a && args[1] instanceof Tensor b) {
      return promote(a.meta(), b.meta());
    }
    return args[0] instanceof Tensor a
        ? promote(a.dtype(), args[1])
        : promote(meta(args[1]).dtype(), args[0]);
  }

  private static DType divided(Object[] args) {
    DType t = promoted(args);
    return t.isFloating() ? t : DType.FLOAT32;
  }

  private static DType truth(Object[] args) {
    return DType.BOOL;
  }

  private static DType chosen(Object[] args) {
    Object[] branches = {args[1], args[2]};
    return promoted(branches);
  }

  private static Op reduction(String name) {
    return new Op(
        name,
        args -> {
          Meta x = meta(args[0]);
          boolean counts = name.equals("torch.sum") && !x.dtype().isFloating();
          return List.of(
              new Meta(
                  counts ? DType.INT64 : x.dtype(),
                  reduce(x.shape(), (List<?>) args[1], (Boolean) args[2])));
        },
        Stacking::sameArguments,
        (args, outputs) -> elements(meta(args[0]).shape()),
        PLAIN);
  }

  private static Op index(String name) {
    return new Op(
        name,
        args ->
            List.of(
                new Meta(
                    DType.INT64,
                    reduce(meta(args[0]).shape(), List.of(args[1]), (Boolean) args[2]))),
        Stacking::sameArguments,
        FREE,
        PLAIN);
  }

  private static Op along(String name) {
    return new Op(
        name,
        args -> List.of(meta(args[0])),
        Stacking::sameArguments,
        (args, outputs) -> 5 * elements(outputs.get(0).shape()),
        PLAIN);
  }

  private static Op creation(String name) {
    return new Op(
        name,
        args -> List.of(new Meta((DType) ((Op.Keyword) args[2]).value(), dims(args[0]))),
        Stacking::noTensors,
        FREE,
        PLAIN);
  }

  /** Arguments: sizes, element type, key (a whole-number tensor of one element). */
  private static Op random(String name) {
    return new Op(
        name,
        args -> List.of(new Meta((DType) args[1], dims(args[0]))),
        Stacking::oneByOne,
        EACH,
        (out, op, args, results) ->
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
                    + ")"));
  }

  private static List<Meta> matmul(Object[] args) {
    Meta a = meta(args[0]);
    Meta b = meta(args[1]);
    if (a.rank() < 2 || b.rank() < 2) {
      throw new IllegalArgumentException(
          "matmul needs at least two axes, not " + a.shape() + " and " + b.shape());
    }
    if (a.dtype() != b.dtype()) {
      throw new IllegalArgumentException("matmul of " + a.dtype() + " and " + b.dtype());
    }
    same(
        a.size(-1),
        b.size(-2),
        "shapes " + a.shape() + " and " + b.shape() + " cannot be multiplied");
    List<Dim> shape =
        new ArrayList<>(
            broadcast(a.shape().subList(0, a.rank() - 2), b.shape().subList(0, b.rank() - 2)));
    shape.add(a.size(-2));
    shape.add(b.size(-1));
    return List.of(new Meta(a.dtype(), shape));
  }

  private static double matmulFlops(Object[] args, List<Symbol> outputs) {
    return 2 * elements(outputs.get(0).shape()) * length(meta(args[0]).size(-1));
  }

  private static List<Meta> linear(Object[] args) {
    Meta x = meta(args[0]);
    Meta w = meta(args[1]);
    if (x.rank() < 1 || w.rank() != 2) {
      throw new IllegalArgumentException(
          "linear needs x [.., in] and weight [out, in], not " + x.shape() + " and " + w.shape());
    }
    same(
        x.size(-1),
        w.size(-1),
        "x " + x.shape() + " and weight " + w.shape() + " cannot be multiplied");
    return List.of(new Meta(x.dtype(), Shapes.with(x.shape(), -1, w.size(0))));
  }

  private static double linearFlops(Object[] args, List<Symbol> outputs) {
    return 2 * elements(outputs.get(0).shape()) * length(meta(args[0]).size(-1));
  }

  static double elements(List<Dim> shape) {
    double n = 1;
    for (Dim d : shape) {
      n *= length(d);
    }
    return n;
  }

  private static double length(Dim d) {
    Long n = d.hint();
    return n == null ? 1 : n;
  }

  static int axis(Object arg) {
    return ((Long) arg).intValue();
  }

  @SuppressWarnings(
      "unchecked") // Sizes are recorded by Tensor's own methods, always as a list of Dim.
  static List<Dim> dims(Object arg) {
    return (List<Dim>) arg;
  }
}
