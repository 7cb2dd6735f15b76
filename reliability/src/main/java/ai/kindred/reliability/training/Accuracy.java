package ai.kindred.reliability.training;

import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.Kernel;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.reliability.network.Network;
import java.util.stream.IntStream;

/** The share of images that a network puts into the right class. */
public final class Accuracy implements AutoCloseable {

  private static final int BATCH = 250;

  private record Input(Network network, Tensor images) {}

  private final Images images;
  private final Kernel<Input, Tensor> answers =
      Kernel.of(in -> in.network().logits(in.images()).argmax(-1, false));

  /** On these images, at least one. */
  public Accuracy(Images images) {
    if (images.size() == 0) {
      throw new IllegalArgumentException("no images to measure accuracy on");
    }
    this.images = images;
  }

  /** The accuracy of a network on images, in percent. */
  public static double of(Network network, Images images) {
    try (Accuracy accuracy = new Accuracy(images)) {
      return accuracy.of(network);
    }
  }

  /** In percent. */
  public double of(Network network) {
    int right = 0;
    for (int from = 0; from < images.size(); from += BATCH) {
      int[] indices = IntStream.range(from, Math.min(from + BATCH, images.size())).toArray();
      long[] given = answers(network, indices);
      for (int i = 0; i < indices.length; i++) {
        right += given[i] == images.labels()[indices[i]] ? 1 : 0;
      }
    }
    return 100.0 * right / images.size();
  }

  @SuppressWarnings("try") // the scope works by being open
  private long[] answers(Network network, int[] indices) {
    try (Scope scope = Scope.open()) {
      return answers.call(new Input(network, images.floats(indices))).toLongs();
    }
  }

  @Override
  public void close() {
    answers.close();
  }
}
