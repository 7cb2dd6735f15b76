package ai.kindred.core.report;

import ai.kindred.core.config.Configs;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Observer;
import ai.kindred.core.train.Signal;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A run written down while it happens, in a folder of its own.
 *
 * <pre>
 * config.json    what was asked: any record
 * run.json       {@link RunFacts}: command, seed, versions, commit, data with checksums, status
 * events.jsonl   one event a line, each handed to the system as it happens
 * results.json   what came out
 * </pre>
 *
 * <p>It is an observer of the training loop. Documents are replaced as a whole, so a kill leaves
 * the old or the new one, and at most the last line of the log cut short; {@link RunRecord#read}
 * and {@link #resume} cope with that. One process at a time may write.
 */
public final class RunDirectory implements Observer, Closeable {
  private final Path folder;

  // Not a channel: an interrupted thread would find it closed, and Ctrl-C is to stop in order.
  private final RandomAccessFile log;
  private RunFacts facts;

  /**
   * What a run starts from.
   *
   * @param command the command line or program, to be shown beside every figure
   * @param seed the seed of every random key
   * @param config written so that {@link RunRecord#config(Class)} reads it back
   * @param data files and folders it reads; each file is hashed at the start
   */
  public record Setup(String command, long seed, Record config, List<Path> data) {
    /** Copies. */
    public Setup {
      data = List.copyOf(data);
    }
  }

  private RunDirectory(Path folder, RandomAccessFile log, RunFacts facts) {
    this.folder = folder;
    this.log = log;
    this.facts = facts;
  }

  /**
   * Starts a record in a folder, which is made if need be.
   *
   * @throws FileAlreadyExistsException if the folder already holds a run
   * @throws IOException if data cannot be read or the folder not written
   */
  public static RunDirectory create(Path folder, Setup setup) throws IOException {
    Path run = folder.resolve(RunFiles.RUN);
    if (Files.exists(run)) {
      throw new FileAlreadyExistsException(
          folder.toString(), null, "it already holds a run; resume that or give another folder");
    }
    RunFacts facts =
        new RunFacts(
            new Origin(setup.command, setup.seed).command(),
            setup.seed,
            RunStatus.RUNNING,
            Instant.now().toString(),
            null,
            0,
            Versions.collect(),
            GitState.of(Path.of("").toAbsolutePath()).orElse(null),
            DataFile.of(setup.data));
    RunFiles.write(folder.resolve(RunFiles.CONFIG), Configs.toTree(setup.config));
    RandomAccessFile log = openLog(folder);
    try {
      log.setLength(0);
      RunFiles.write(run, facts);
      return new RunDirectory(folder, log, facts);
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /**
   * Takes up a record again: the log's cut line, if any, is removed, and a {@code resume} event
   * tells readers from which step the run goes on.
   *
   * @param step how many steps the checkpoint holds
   * @throws IOException if the folder holds no run, or another process writes it
   */
  public static RunDirectory resume(Path folder, long step) throws IOException {
    RunFacts before = RunFiles.read(folder.resolve(RunFiles.RUN), RunFacts.class);
    RandomAccessFile log = openLog(folder);
    try {
      log.setLength(endOfLastLine(log));
      log.seek(log.length());
      RunDirectory run =
          new RunDirectory(folder, log, before.with(RunStatus.RUNNING, null, before.resumes() + 1));
      RunFiles.write(folder.resolve(RunFiles.RUN), run.facts);
      run.append(new Event(step, RunRecord.RESUME));
      return run;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private static RandomAccessFile openLog(Path folder) throws IOException {
    Path file = folder.resolve(RunFiles.EVENTS);
    RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw");
    try {
      if (log.getChannel().tryLock() == null) {
        throw new IOException("another process is writing " + file);
      }
      return log;
    } catch (OverlappingFileLockException e) {
      log.close();
      throw new IOException("another run of this process is writing " + file, e);
    } catch (IOException e) {
      log.close();
      throw e;
    }
  }

  private static long endOfLastLine(RandomAccessFile log) throws IOException {
    for (long end = log.length(); end > 0; end--) {
      log.seek(end - 1);
      if (log.read() == '\n') {
        return end;
      }
    }
    return 0;
  }

  /** The folder. */
  public Path folder() {
    return folder;
  }

  /** What is written down about the run so far. */
  public RunFacts facts() {
    return facts;
  }

  /**
   * Writes an event down; safe from several threads.
   *
   * @throws UncheckedIOException if the disk is full, say
   */
  @Override
  public Signal on(Event event) {
    try {
      append(event);
    } catch (IOException e) {
      String what = "could not write " + folder.resolve(RunFiles.EVENTS) + ": " + e.getMessage();
      throw new UncheckedIOException(new IOException(what, e));
    }
    return Signal.CONTINUE;
  }

  private synchronized void append(Event event) throws IOException {
    byte[] line = RunFiles.line(Instant.now(), event);
    long start = log.getFilePointer();
    try {
      log.write(line);
    } catch (IOException e) {
      log.setLength(start); // half a line must not run into the next one
      throw e;
    }
  }

  /** Writes what came out, replacing what was there. */
  public void results(Object results) throws IOException {
    RunFiles.write(folder.resolve(RunFiles.RESULTS), results);
  }

  /** Writes down how the run ended. */
  public synchronized void finish(RunStatus status) throws IOException {
    if (status == RunStatus.RUNNING) {
      throw new IllegalArgumentException("a run does not finish as running");
    }
    boolean interrupted = Thread.interrupted(); // it would end the writing
    try {
      log.getFD().sync();
      RunFacts ended = facts.with(status, Instant.now().toString(), facts.resumes());
      RunFiles.write(folder.resolve(RunFiles.RUN), ended);
      facts = ended;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Closes the log; a run that did not {@link #finish} has failed. */
  @Override
  public synchronized void close() throws IOException {
    try (log) {
      if (log.getChannel().isOpen() && facts.status() == RunStatus.RUNNING) {
        finish(RunStatus.FAILED);
      }
    }
  }
}
