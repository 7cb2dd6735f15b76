package ai.kindred.federated.data;

import ai.kindred.core.data.IdxFiles;
import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.network.Labelled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST, or MNIST: small grey images of ten classes, without people to be clients.
 *
 * @see <a href="https://arxiv.org/abs/1708.07747">Xiao, Rasul and Vollgraf, 2017</a>
 */
public final class FashionMnist {

  private static final List<String> CLASSES =
      List.of(
          "T-shirt",
          "trouser",
          "pullover",
          "dress",
          "coat",
          "sandal",
          "shirt",
          "sneaker",
          "bag",
          "ankle boot");

  private FashionMnist() {}

  /**
   * The training images, [n, 1, 28, 28].
   *
   * @param folder with the four IDX files, plain or gzipped
   */
  public static FederatedData<Labelled> training(Path folder) throws IOException {
    return of(IdxFiles.training(folder));
  }

  /** The test images. */
  public static FederatedData<Labelled> test(Path folder) throws IOException {
    return of(IdxFiles.test(folder));
  }

  private static FederatedData<Labelled> of(Images images) {
    ByteBuffer pixels =
        ByteBuffer.allocateDirect(images.pixels().length).put(images.pixels()).flip();
    Tensor inputs =
        Tensor.of(
            pixels, DType.UINT8, images.size(), images.channels(), images.height(), images.width());
    return new FederatedData<>(
        new Labelled(inputs, FederatedData.tensor(images.labels())),
        images.labels(),
        CLASSES,
        null);
  }
}
