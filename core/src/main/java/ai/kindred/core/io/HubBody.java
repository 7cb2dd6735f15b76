package ai.kindred.core.io;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A response body that goes to a stream as it comes: bounded, its silence measurable, and certain
 * to write nothing after {@link #stop}. (The JDK's own body stream cannot be interrupted on Java
 * 17.)
 */
final class HubBody implements BodySubscriber<Long> {

  private final OutputStream out;
  private final long limit;
  private final LongConsumer progress;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  private @Nullable Subscription subscription;
  private @Nullable Throwable failure;
  private long received;
  private volatile long lastHeard = System.nanoTime();

  /**
   * A body of at most {@code limit} bytes.
   *
   * @param progress hears of each piece's length after it was written
   */
  HubBody(OutputStream out, long limit, LongConsumer progress) {
    this.out = out;
    this.limit = limit;
    this.progress = progress;
  }

  /** A body that nobody wants, because of what the headers said. */
  static HubBody failed(IOException reason) {
    HubBody body = new HubBody(OutputStream.nullOutputStream(), 0, n -> {});
    body.fail(reason);
    return body;
  }

  @Override
  public CompletionStage<Long> getBody() {
    return done;
  }

  @Override
  public synchronized void onSubscribe(Subscription s) {
    subscription = s;
    if (done.isDone()) {
      s.cancel();
    } else {
      s.request(1);
    }
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> buffers) {
    lastHeard = System.nanoTime();
    Subscription current = subscription;
    if (done.isDone() || current == null) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        write(buffer);
      }
    } catch (IOException e) {
      fail(e);
      return;
    }
    current.request(1);
  }

  private void write(ByteBuffer buffer) throws IOException {
    int n = buffer.remaining();
    if (received + n > limit) {
      throw new IOException("the hub sends more than the announced " + limit + " bytes");
    }
    byte[] bytes = new byte[n];
    buffer.get(bytes);
    out.write(bytes);
    received += n;
    progress.accept(n);
  }

  @Override
  public synchronized void onError(Throwable e) {
    done.completeExceptionally(e);
  }

  @Override
  public synchronized void onComplete() {
    done.complete(received);
  }

  /** Nothing is written after this returns. */
  synchronized void stop() {
    fail(new IOException("stopped"));
  }

  private synchronized void fail(IOException e) {
    if (done.completeExceptionally(e)) {
      failure = e;
      if (subscription != null) {
        subscription.cancel();
      }
    }
  }

  /** Why this body refused its bytes, if it did. */
  synchronized @Nullable Throwable failure() {
    return failure;
  }

  synchronized long received() {
    return received;
  }

  boolean silentFor(Duration silence) {
    return System.nanoTime() - lastHeard > silence.toNanos();
  }
}
