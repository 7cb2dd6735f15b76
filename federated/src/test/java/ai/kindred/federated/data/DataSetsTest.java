package ai.kindred.federated.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.kernel.Scope;
import ai.kindred.federated.Partition;
import ai.kindred.federated.network.Labelled;
import ai.kindred.federated.network.NextToken;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetsTest {

  @TempDir private Path folder = Path.of("");
  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  // Shakespeare

  @Test
  void aRoleIsAClient() throws IOException {
    Path play =
        write("play.txt", "Ann:\nabcabc\n\nBob:\nab\n\nAnn:\nbca\nOn and on:\n\nCy Dee:\nccbba\n");
    FederatedData<NextToken.Windows> data = Shakespeare.read(play, 4);
    Partition roles = data.naturalClients().orElseThrow();
    // Ann says "abcabc\nbca\nOn and on:\n"; Bob too little.
    assertThat(roles.clients()).isEqualTo(2);
    assertThat(List.of(roles.name(0), roles.name(1))).containsExactly("Ann", "Cy Dee");
    assertThat(roles.size(0)).isEqualTo(5);
    long[] tokens = data.examples().tokens().toLongs();
    assertThat(text(data, tokens, 0)).isEqualTo("abcab");
    assertThat(text(data, tokens, 1)).isEqualTo("bc\nbc");
    assertThat(text(data, tokens, 5)).isEqualTo("ccbba");
    assertThat(data.classes()).isSorted().contains("\n", ":", "O");
  }

  private static String text(FederatedData<?> data, long[] tokens, int row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5; i++) {
      text.append(data.classes().get((int) tokens[row * 5 + i]));
    }
    return text.toString();
  }

  @Test
  void badPlaysAreRefused() throws IOException {
    Path noRole = write("a.txt", "To be, or not to be\n");
    assertThatThrownBy(() -> Shakespeare.read(noRole, 4))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("a.txt: it does not begin with a role");
    Path empty = write("b.txt", "");
    assertThatThrownBy(() -> Shakespeare.read(empty, 4)).hasMessageContaining("it is empty");
    Path quiet = write("c.txt", "Ann:\nab\n");
    assertThatThrownBy(() -> Shakespeare.read(quiet, 80))
        .hasMessageContaining("none of its 1 roles says 81 characters");
    Path latin = folder.resolve("d.txt");
    Files.write(latin, new byte[] {'A', ':', '\n', (byte) 0xe9, '\n'});
    assertThatThrownBy(() -> Shakespeare.read(latin, 4)).hasMessageContaining("not UTF-8");
    assertThatThrownBy(() -> Shakespeare.read(quiet, 0)).hasMessageContaining("not 0");
  }

  // Omniglot

  /** A white square image with a black left part. */
  private static byte[] png(int side, int black) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_BINARY);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        image.setRGB(x, y, x < black ? 0 : 0xffffff);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private Path zip(String name, Object... namesAndBytes) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < namesAndBytes.length; i += 2) {
        zip.putNextEntry(new ZipEntry((String) namesAndBytes[i]));
        zip.write((byte[]) namesAndBytes[i + 1]);
      }
    }
    return file;
  }

  @Test
  void aDrawerIsAClient() throws IOException {
    byte[] third = png(105, 35);
    zip("images_a.zip", "s/Greek/character01/0001_01.png", third);
    zip(
        "images_b.zip",
        "s/Greek/character01/0001_01.png",
        third,
        "s/Greek/character01/0001_02.png",
        png(28, 0),
        "s/Latin/character01/0002_02.png",
        png(56, 56),
        "s/readme.txt",
        new byte[] {1});
    FederatedData<Labelled> data = Omniglot.read(folder);
    Partition drawers = data.naturalClients().orElseThrow();
    assertThat(drawers.clients()).isEqualTo(3);
    assertThat(List.of(drawers.name(0), drawers.name(1), drawers.name(2)))
        .containsExactly("Greek/01", "Greek/02", "Latin/02");
    assertThat(data.classes()).containsExactly("Greek/character01", "Latin/character01");
    assertThat(data.labels()).containsExactly(0, 0, 1);
    assertThat(data.examples().inputs().lengths()).containsExactly(3, 1, 28, 28);
    double[] ink = data.examples().inputs().toDoubles();
    // 35 of 105 columns are black: nine and a third of 28.
    assertThat(Arrays.copyOfRange(ink, 0, 12))
        .containsExactly(255, 255, 255, 255, 255, 255, 255, 255, 255, 85, 0, 0);
    assertThat(Arrays.stream(ink, 784, 2 * 784).max().orElseThrow()).isZero();
    assertThat(Arrays.stream(ink, 2 * 784, 3 * 784).min().orElseThrow()).isEqualTo(255);
  }

  @Test
  void badZipsAreRefused() throws IOException {
    assertThatThrownBy(() -> Omniglot.read(folder))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no images_*.zip in it");
    Path damaged = folder.resolve("images_x.zip");
    Files.write(damaged, new byte[] {'P', 'K', 3, 4, 0});
    assertThatThrownBy(() -> Omniglot.read(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("images_x.zip: it is no zip or is damaged");
    zip("images_x.zip", "s/readme.txt", new byte[] {1});
    assertThatThrownBy(() -> Omniglot.read(folder)).hasMessageContaining("it has no image named");
    byte[] cut = Arrays.copyOf(png(105, 35), 60);
    zip("images_x.zip", "s/Greek/character01/0001_01.png", cut);
    assertThatThrownBy(() -> Omniglot.read(folder))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("s/Greek/character01/0001_01.png cannot be read");
    zip("images_x.zip", "s/Greek/character01/0001_01.png", png(3000, 1));
    assertThatThrownBy(() -> Omniglot.read(folder)).hasMessageContaining("3000 x 3000 pixels");
  }

  // MovieLens

  private void films() throws IOException {
    write(
        "movies.csv",
        """
        movieId,title,genres
        1,Toy Story (1995),Comedy|Animation
        2,"Matrix, The (1999)",Action
        3,No Year,(no genres listed)
        """);
  }

  @Test
  void aRaterIsAClient() throws IOException {
    films();
    write(
        "ratings.csv",
        "userId,movieId,rating,timestamp\n7,2,4.0,10\n7,1,3.5,11\n9,2,0.5,12\n9,3,5.0,13\n");
    FederatedData<Labelled> data = MovieLens.read(folder, 1);
    Partition users = data.naturalClients().orElseThrow();
    assertThat(users.clients()).isEqualTo(2);
    assertThat(users.name(1)).isEqualTo("9");
    assertThat(data.labels()).containsExactly(1, 0, 0, 1);
    // One film of its own, four genres, thirteen decades from 1900.
    assertThat(data.examples().inputs().lengths()).containsExactly(4, 18);
    double[] x = data.examples().inputs().toDoubles();
    assertThat(ones(x, 0)).containsExactly(0, 2, 14);
    assertThat(ones(x, 1)).containsExactly(3, 4, 14);
    assertThat(ones(x, 3)).containsExactly(1, 5);
  }

  private static int[] ones(double[] x, int row) {
    return IntStream.range(0, 18).filter(i -> x[row * 18 + i] == 1).toArray();
  }

  @Test
  void badRatingsAreRefused() throws IOException {
    films();
    write("ratings.csv", "userId,movieId,rating,timestamp\n7,2,9,10\n");
    assertThatThrownBy(() -> MovieLens.read(folder, 1))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("ratings.csv: a line is not")
        .hasMessageContaining("7,2,9,10");
    write("ratings.csv", "userId,movieId,rating,timestamp\n7,5,4,10\n");
    assertThatThrownBy(() -> MovieLens.read(folder, 1))
        .hasMessageContaining("film 5 is not in movies.csv");
    write("ratings.csv", "7,2,4,10\n");
    assertThatThrownBy(() -> MovieLens.read(folder, 1))
        .hasMessageContaining("should begin with the line userId,movieId,rating,timestamp");
    assertThatThrownBy(() -> MovieLens.read(folder, -1)).hasMessageContaining("not -1");
  }

  // Stack Exchange

  private static String row(int type, String owner, String html) {
    return "<row Id=\"1\" PostTypeId=\"%d\" %s Body=\"%s\" Title=\"secret\" />\n"
        .formatted(type, owner.isEmpty() ? "" : "OwnerUserId=\"" + owner + "\"", html);
  }

  @Test
  void aUserIsAClient() throws IOException {
    String posts =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n"
            + row(1, "8", "&lt;p&gt;How brew I stout?&lt;/p&gt;")
            + row(2, "5", "&lt;b class=&quot;how&quot;&gt;Brew&lt;/b&gt; it. Brew &amp;amp; wait")
            + row(2, "8", "wait")
            + row(5, "8", "a tag's page")
            + row(1, "-1", "the site's own")
            + row(2, "", "nobody's")
            + "</posts>\n";
    Path site = folder.resolve("beer");
    Files.createDirectories(site);
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(site.resolve("Posts.xml.gz")))) {
      out.write(posts.getBytes(StandardCharsets.UTF_8));
    }
    write("ai/Posts.xml", "<posts>\n" + row(1, "8", "Is it alive?") + "</posts>");
    FederatedData<Labelled> data = StackExchange.read(folder, 2);
    Partition users = data.naturalClients().orElseThrow();
    assertThat(users.clients()).isEqualTo(3);
    assertThat(List.of(users.name(0), users.name(1), users.name(2)))
        .containsExactly("ai/8", "beer/8", "beer/5");
    assertThat(data.labels()).containsExactly(1, 1, 0, 0);
    // "brew" and "it" are in two posts each, as is "wait", which comes later by name.
    assertThat(data.examples().inputs().toDoubles()).containsExactly(0, 1, 1, 0, 1, 1, 0, 0);
  }

  @Test
  void badDumpsAreRefused() throws IOException {
    assertThatThrownBy(() -> StackExchange.read(folder, 5))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no folder in it has a Posts.xml");
    write("ai/Posts.xml", "<posts>\n" + row(1, "8", "Is it") + "<row");
    assertThatThrownBy(() -> StackExchange.read(folder, 5))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageContaining("Posts.xml: it is not the Posts.xml of a data dump or is cut short");
    write(
        "ai/Posts.xml",
        "<!DOCTYPE posts [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>\n<posts>"
            + row(1, "8", "&a;")
            + "</posts>");
    assertThatThrownBy(() -> StackExchange.read(folder, 5))
        .isInstanceOf(MalformedFileException.class);
    write("ai/Posts.xml", "<posts><row Body=\"" + "a".repeat(5 << 20) + "\"/></posts>");
    assertThatThrownBy(() -> StackExchange.read(folder, 5))
        .hasMessageContaining("a line is longer");
    write("ai/Posts.xml", "<posts></posts>");
    assertThatThrownBy(() -> StackExchange.read(folder, 5)).hasMessageContaining("0 posts");
  }
}
