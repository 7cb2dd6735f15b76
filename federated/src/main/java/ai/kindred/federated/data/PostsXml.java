package ai.kindred.federated.data;

import ai.kindred.core.io.MalformedFileException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/** Reads the posts of a site from its data dump: a row a line, everything in attributes. */
final class PostsXml {

  private static final String QUESTION = "1";
  private static final String ANSWER = "2";
  private static final long LONGEST_LINE = 1L << 22;

  private PostsXml() {}

  /** Is given every question and answer that has an owner. */
  @FunctionalInterface
  interface Reader {
    void post(String owner, boolean question, String html);
  }

  static void read(Path file, Reader reader) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = new BoundedLines(opened(raw))) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT && xml.getLocalName().equals("row")) {
          row(xml, reader);
        }
      }
    } catch (XMLStreamException | IOException e) {
      if (e instanceof NoSuchFileException missing) {
        throw missing;
      }
      MalformedFileException damaged =
          new MalformedFileException(
              file,
              "it is not the Posts.xml of a data dump or is cut short (%s)"
                  .formatted(String.valueOf(e.getMessage()).replaceAll("\\s+", " ")));
      damaged.initCause(e);
      throw damaged;
    }
  }

  private static void row(XMLStreamReader xml, Reader reader) {
    String type = attribute(xml, "PostTypeId");
    String owner = attribute(xml, "OwnerUserId");
    String html = attribute(xml, "Body");
    boolean counts = QUESTION.equals(type) || ANSWER.equals(type);
    // User -1 is the site itself.
    if (counts && owner != null && html != null && !owner.startsWith("-")) {
      reader.post(owner, QUESTION.equals(type), html);
    }
  }

  @SuppressWarnings("NullAway") // The reader takes no namespace as null.
  private static @Nullable String attribute(XMLStreamReader xml, String name) {
    return xml.getAttributeValue(null, name);
  }

  private static InputStream opened(InputStream raw) throws IOException {
    raw.mark(2);
    boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    return gzipped ? new GZIPInputStream(raw, 1 << 16) : raw;
  }

  /** Refuses lines that no post fills, so that a hostile file cannot take all memory. */
  private static final class BoundedLines extends FilterInputStream {

    private long line;

    BoundedLines(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      int n = in.read(to, offset, length);
      for (int i = 0; i < n; i++) {
        line = to[offset + i] == '\n' ? 0 : line + 1;
        if (line > LONGEST_LINE) {
          throw new IOException("a line is longer than " + LONGEST_LINE + " bytes");
        }
      }
      return n;
    }
  }
}
