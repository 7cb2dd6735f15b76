package ai.kindred.core.kernel;

import ai.kindred.core.kernel.Stacking.Lane;
import java.util.ArrayList;
import java.util.List;

/** How operations on images run on tensors of which some have a leading lane axis. */
final class ConvolutionLanes {

  private ConvolutionLanes() {}

  /** Lanes' images as one long batch, for operations that treat every image alike. */
  static List<Lane> folded(Op op, Object[] args, Dim width) {
    Object[] plain = args.clone();
    for (int i = 0; i < args.length; i++) {
      plain[i] = args[i] instanceof Lane l ? l.tensor() : args[i];
    }
    Tensor x = ((Lane) args[0]).tensor();
    plain[0] = x.reshape(sizes(joined(x.shape(), 0)));
    Tensor y = op.apply(plain);
    return List.of(lane(y.reshape(sizes(parted(y.shape(), 0, width)))));
  }

  /**
   * Shared weights see one long batch. Stacked ones run lane after lane: as groups of channels of
   * one convolution they take about as long, and oneDNN is slow where a group has few channels.
   */
  static List<Lane> conv2d(Op op, Object[] args, Dim width) {
    Lane x = (Lane) args[0];
    Lane w = (Lane) args[1];
    boolean biasStacked = args[2] instanceof Lane b && b.stacked();
    if (!w.stacked() && !biasStacked) {
      return folded(op, args, width);
    }
    if (!w.stacked()) {
      Object[] unbiased = args.clone();
      unbiased[2] = Op.None.NONE;
      Tensor y = x.stacked() ? folded(op, unbiased, width).get(0).tensor() : shared(op, unbiased);
      Tensor bias = ((Lane) args[2]).tensor().unsqueeze(1).unsqueeze(-1).unsqueeze(-1);
      return List.of(lane(y.add(bias)));
    }
    Tensor xs = x.spread(width);
    Tensor ws = w.tensor();
    return List.of(
        lane(
            Kernel.cat(
                width,
                0,
                i ->
                    op.apply(
                            xs.select(0, i),
                            ws.select(0, i),
                            args[2] instanceof Lane b ? own(b, i) : args[2],
                            args[3],
                            args[4],
                            args[5],
                            args[6])
                        .unsqueeze(0))));
  }

  private static Tensor own(Lane bias, Dim lane) {
    return bias.stacked() ? bias.tensor().select(0, lane) : bias.tensor();
  }

  private static Tensor shared(Op op, Object[] args) {
    return op.apply(
        ((Lane) args[0]).tensor(),
        ((Lane) args[1]).tensor(),
        args[2],
        args[3],
        args[4],
        args[5],
        args[6]);
  }

  /** Each lane's channels are channels of their own of the joint batch. */
  static List<Lane> byChannel(Op op, Object[] args, Dim width) {
    Tensor x = ((Lane) args[0]).tensor().transpose(0, 1); // [n, lanes, c, h, w]
    Object[] plain = args.clone();
    plain[0] = x.reshape(sizes(joined(x.shape(), 1)));
    Tensor y = op.apply(plain);
    return List.of(lane(y.reshape(sizes(parted(y.shape(), 1, width))).transpose(0, 1)));
  }

  private static List<Dim> joined(List<Dim> shape, int axis) {
    List<Dim> joined = new ArrayList<>(shape);
    joined.set(axis, shape.get(axis).times(shape.get(axis + 1)));
    joined.remove(axis + 1);
    return joined;
  }

  private static List<Dim> parted(List<Dim> shape, int axis, Dim lanes) {
    List<Dim> parted = new ArrayList<>(shape);
    parted.set(axis, shape.get(axis).over(lanes));
    parted.add(axis, lanes);
    return parted;
  }

  private static Lane lane(Tensor stacked) {
    return new Lane(stacked, true);
  }

  private static Dim[] sizes(List<Dim> shape) {
    return shape.toArray(new Dim[0]);
  }
}
