package ai.kindred.federated.data;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.federated.network.Labelled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Omniglot: handwritten characters of many alphabets. A drawer is a client; each drew every
 * character of an alphabet once, so what a client holds out it has never drawn for training, and
 * only other drawers can teach it.
 *
 * @see <a href="https://doi.org/10.1126/science.aab3050">Lake, Salakhutdinov and Tenenbaum,
 *     2015</a>
 */
public final class Omniglot {

  /** Height and width that images are scaled to. */
  public static final int SIDE = 28;

  private static final Pattern NAME =
      Pattern.compile("(?:[^/]+/)?([^/]+)/(character\\d+)/\\d+_(\\d+)\\.png");
  private static final int MOST_ENTRIES = 200_000;
  private static final int LARGEST_PNG = 1 << 20;

  private Omniglot() {}

  @SuppressWarnings("ArrayRecordComponent") // Made once, read only, never compared.
  private record Drawing(String character, String drawer, byte[] ink) {}

  /**
   * All drawings of a folder's zips, [n, 1, 28, 28], ink 255 on paper 0; the class is the
   * character. A drawing that several zips have counts once.
   *
   * @param folder with {@code images_background.zip}, {@code images_background_small1.zip} or
   *     others of the kind, as published
   * @throws MalformedFileException where a zip or an image is not what it should be
   */
  public static FederatedData<Labelled> read(Path folder) throws IOException {
    Map<String, Drawing> drawings = new TreeMap<>();
    for (Path zip : zips(folder)) {
      read(zip, drawings);
    }
    List<String> characters =
        drawings.values().stream().map(Drawing::character).distinct().sorted().toList();
    int n = drawings.size();
    ByteBuffer pixels = ByteBuffer.allocateDirect(n * SIDE * SIDE);
    int[] labels = new int[n];
    List<String> drawers = new ArrayList<>();
    for (Drawing d : drawings.values()) {
      labels[drawers.size()] = Collections.binarySearch(characters, d.character());
      drawers.add(d.drawer());
      pixels.put(d.ink());
    }
    return new FederatedData<>(
        new Labelled(
            Tensor.of(pixels.flip(), DType.UINT8, n, 1, SIDE, SIDE), FederatedData.tensor(labels)),
        labels,
        characters,
        Partitions.natural(drawers));
  }

  private static List<Path> zips(Path folder) throws IOException {
    List<Path> zips = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "images_*.zip")) {
      found.forEach(zips::add);
    }
    if (zips.isEmpty()) {
      throw new NoSuchFileException(
          folder.toString(),
          null,
          "no images_*.zip in it; Omniglot's are at github.com/brendenlake");
    }
    Collections.sort(zips);
    return zips;
  }

  private static void read(Path file, Map<String, Drawing> drawings) throws IOException {
    int before = drawings.size();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      if (zip.size() > MOST_ENTRIES) {
        throw new MalformedFileException(
            file, "it has %d entries; %d can be read".formatted(zip.size(), MOST_ENTRIES));
      }
      int drawn = 0;
      for (ZipEntry entry : Collections.list(zip.entries())) {
        Matcher name = NAME.matcher(entry.getName());
        if (name.matches()) {
          String character = name.group(1) + "/" + name.group(2);
          String drawer = name.group(1) + "/" + name.group(3);
          byte[] png = bytes(file, zip, entry);
          byte[] ink = InkImage.scaled(file, entry.getName(), png, SIDE);
          drawings.putIfAbsent(character + "/" + drawer, new Drawing(character, drawer, ink));
          drawn++;
        }
      }
      if (drawn == 0) {
        throw new MalformedFileException(
            file, "it has no image named ALPHABET/characterNN/NNNN_DD.png");
      }
    } catch (ZipException e) {
      MalformedFileException damaged =
          new MalformedFileException(
              file,
              "it is no zip or is damaged (%s) after %d drawings; fetch it again"
                  .formatted(e.getMessage(), drawings.size() - before));
      damaged.initCause(e);
      throw damaged;
    }
  }

  private static byte[] bytes(Path file, ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] png = in.readNBytes(LARGEST_PNG + 1);
      if (png.length > LARGEST_PNG) {
        throw new MalformedFileException(
            file, "%s is larger than %d bytes".formatted(entry.getName(), LARGEST_PNG));
      }
      return png;
    }
  }
}
