package ai.kindred.core.io;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One request under way: its body, and the watch over its silence. */
final class HubExchange {

  /** Where a body goes, decided from the head. */
  interface Target {
    HubBody open(HubResponse response) throws IOException;
  }

  private static final long MAX_REFUSAL_BYTES = 32L << 20;

  /** An attempt that brought so much was worth it. */
  private static final long PROGRESS_BYTES = 1L << 20;

  private final Target target;
  private final boolean fromHub;
  private final @Nullable HubResponse redirect;
  private volatile @Nullable HubBody body;

  HubExchange(Target target, boolean fromHub, @Nullable HubResponse redirect) {
    this.target = target;
    this.fromHub = fromHub;
    this.redirect = redirect;
  }

  BodySubscriber<HubResponse> subscriber(ResponseInfo info) {
    HubResponse response = HubResponse.of(info, fromHub, redirect);
    HubBody opened;
    if (response.status() == 200 || response.status() == 206) {
      try {
        opened = target.open(response);
      } catch (IOException e) {
        opened = HubBody.failed(e);
      }
    } else {
      opened = new HubBody(OutputStream.nullOutputStream(), MAX_REFUSAL_BYTES, n -> {});
    }
    body = opened;
    return BodySubscribers.mapping(opened, bytes -> response);
  }

  HubResponse await(
      CompletableFuture<HttpResponse<HubResponse>> future, Duration silence, String what)
      throws IOException, InterruptedException {
    try {
      while (true) {
        try {
          return future.get(Math.max(1, silence.toMillis() / 4), TimeUnit.MILLISECONDS).body();
        } catch (TimeoutException e) {
          HubBody current = body;
          if (current != null && current.silentFor(silence)) {
            throw failure(what + ": the hub fell silent for " + silence.toMillis() + " ms", e);
          }
        }
      }
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      HubBody current = body;
      // HttpClient wraps what a body subscriber threw; the subscriber still has the original.
      Throwable own = current == null ? null : current.failure();
      if (own instanceof HubException ours) {
        throw ours;
      }
      if (own instanceof IOException ours) {
        throw new IOException(what + ": " + ours.getMessage(), ours);
      }
      throw failure(what + ": " + describe(cause == null ? e : cause), e);
    } finally {
      HubBody current = body;
      if (current != null) {
        current.stop();
      }
      future.cancel(true);
    }
  }

  private HubException failure(String message, Throwable cause) {
    HubBody current = body;
    boolean progressed = current != null && current.received() >= PROGRESS_BYTES;
    return new HubException(message, true, progressed, Duration.ZERO, cause);
  }

  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? "the connection failed (" + cause.getClass().getSimpleName() + ")"
        : message;
  }
}
