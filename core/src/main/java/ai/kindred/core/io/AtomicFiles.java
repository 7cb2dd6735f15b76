package ai.kindred.core.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files and folders that appear whole or not at all. What is written goes to a hidden sibling
 * ({@code .NAME.partN}), is forced to the disk, and takes the place of the old state by a move;
 * when anything fails, a full disk for instance, the sibling is removed and the old state stays.
 * Only a killed process leaves siblings behind; they can be deleted.
 */
public final class AtomicFiles {

  /** Writes a file's bytes. */
  @FunctionalInterface
  public interface Content {
    /** Writes to a buffered stream, which the caller closes. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Fills a folder. */
  @FunctionalInterface
  public interface FolderContent {
    /** Writes files into a folder that exists and is empty. */
    void writeTo(Path folder) throws IOException;
  }

  private AtomicFiles() {}

  /**
   * Writes or replaces a file; missing parent folders are made. A symbolic link stays a link: the
   * file it names is replaced.
   *
   * @throws IOException naming the file, with nothing of the old state changed
   */
  public static void write(Path file, Content content) throws IOException {
    Path target = resolved(file);
    if (Files.isDirectory(target)) {
      throw new IOException("cannot write " + file + ": it is a folder");
    }
    Part part = null;
    try {
      part = Part.create(target);
      try (OutputStream out = new BufferedOutputStream(part.stream(), 1 << 16)) {
        content.writeTo(out);
        out.flush();
        part.channel.force(true);
      }
      move(part.path, target);
      force(parent(target));
    } catch (IOException | RuntimeException | Error e) {
      throw cleaned(file, part == null ? null : part.path, e);
    }
  }

  /** Writes or replaces a UTF-8 text file; see {@link #write}. */
  public static void writeString(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes or replaces a folder; missing parent folders are made. A folder that exists is moved
   * aside ({@code .NAME.old}) right before the new one takes its place; a process killed between
   * these two moves leaves it there, and {@link #recover}, or the next write, brings it back.
   *
   * @throws IOException naming the folder, with nothing of the old state changed
   */
  public static void writeFolder(Path folder, FolderContent content) throws IOException {
    Path target = resolved(folder);
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new IOException("cannot write the folder " + folder + ": it is a file");
    }
    recover(target);
    Path part = null;
    try {
      part = createFolder(target);
      content.writeTo(part);
      forceTree(part);
      swap(part, target);
    } catch (IOException | RuntimeException | Error e) {
      throw cleaned(folder, part, e);
    }
  }

  /**
   * Brings back a folder that a killed process had moved aside and not yet replaced; does nothing
   * for any other folder, or one that never was. Call it before reading a folder that {@link
   * #writeFolder} replaces.
   */
  public static void recover(Path folder) throws IOException {
    Path target = resolved(folder);
    Path old = sibling(target, ".old");
    if (!Files.exists(old, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
      delete(old);
    } else {
      move(old, target);
    }
  }

  private static void swap(Path part, Path target) throws IOException {
    Path old = sibling(target, ".old");
    boolean replaces = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
    if (replaces) {
      move(target, old);
    }
    try {
      move(part, target);
    } catch (IOException e) {
      if (replaces) {
        move(old, target);
      }
      throw e;
    }
    force(parent(target));
    if (replaces) {
      delete(old);
    }
  }

  /** Removes what was begun and names the target; unchecked failures are the content's own. */
  private static IOException cleaned(Path target, @Nullable Path part, Throwable failure) {
    if (part != null) {
      try {
        delete(part);
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    return new IOException("could not write " + target + ": " + reason(failure), failure);
  }

  /** Some exceptions of the file system say no more than a path, or nothing. */
  private static String reason(Throwable failure) {
    String message = failure.getMessage();
    return message == null || failure instanceof FileSystemException ? failure.toString() : message;
  }

  /** A file under way. */
  private record Part(Path path, FileChannel channel) {
    static Part create(Path target) throws IOException {
      Files.createDirectories(parent(target));
      for (int i = 0; ; i++) {
        Path path = sibling(target, ".part" + i);
        try {
          return new Part(
              path,
              FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (FileAlreadyExistsException e) {
          requireFew(path, i);
        }
      }
    }

    OutputStream stream() {
      return Channels.newOutputStream(channel);
    }
  }

  private static Path createFolder(Path target) throws IOException {
    Files.createDirectories(parent(target));
    for (int i = 0; ; i++) {
      Path path = sibling(target, ".part" + i);
      try {
        return Files.createDirectory(path);
      } catch (FileAlreadyExistsException e) {
        requireFew(path, i);
      }
    }
  }

  private static void requireFew(Path path, int tries) throws IOException {
    if (tries >= 1000) {
      throw new IOException("delete the leftovers of killed processes: " + path + " and others");
    }
  }

  private static Path resolved(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    if (absolute.getFileName() == null) {
      throw new IOException("cannot write " + path + ": it has no name");
    }
    return Files.isSymbolicLink(absolute) && Files.exists(absolute)
        ? absolute.toRealPath()
        : absolute;
  }

  private static Path parent(Path absolute) {
    Path parent = absolute.getParent();
    return parent == null ? absolute : parent;
  }

  private static Path sibling(Path target, String suffix) {
    return target.resolveSibling("." + target.getFileName() + suffix);
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException("the file system cannot move " + from + " in one step", e);
    }
  }

  /** Makes a move itself outlast a power cut, where folders can be opened (not on Windows). */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The content is safe already; only its name may be lost with the power.
    }
  }

  private static void forceTree(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(folder)) {
      all.forEach(files::add);
    }
    for (Path file : files) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      } else if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
        force(file);
      }
    }
  }

  /** Deletes a file, or a folder with what is in it; links are deleted, not followed. */
  private static void delete(Path path) throws IOException {
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.delete(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      // Gone already, as wanted.
    }
  }
}
