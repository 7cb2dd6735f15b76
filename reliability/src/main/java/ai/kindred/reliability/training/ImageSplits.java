package ai.kindred.reliability.training;

import ai.kindred.core.data.IdxFiles;
import ai.kindred.core.data.Images;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * Images to train on, to choose by, and to report on.
 *
 * @param training gradients come from these
 * @param validation weights are chosen by these
 * @param test seen once, at the end
 */
public record ImageSplits(Images training, Images validation, Images test) {

  /** How many images of the training files are for validation. */
  private static final int VALIDATION = 5000;

  /** A folder of MNIST's four files: the last 5,000 training images are for validation. */
  public static ImageSplits read(Path folder) throws IOException {
    Images all = IdxFiles.training(folder);
    if (all.size() <= VALIDATION) {
      throw new IOException(
          folder
              + " has "
              + all.size()
              + " training images; more than "
              + VALIDATION
              + " are needed");
    }
    int n = all.size() - VALIDATION;
    return new ImageSplits(
        all.subset(IntStream.range(0, n).toArray()),
        all.subset(IntStream.range(n, all.size()).toArray()),
        IdxFiles.test(folder));
  }
}
