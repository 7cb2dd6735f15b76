package ai.kindred.core.io;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A response's head; after a redirect with what the redirecting hub said of the file. */
record HubResponse(
    int status, HttpHeaders headers, Optional<String> hash, Optional<String> commit) {

  static HubResponse of(ResponseInfo info, boolean fromHub, @Nullable HubResponse redirect) {
    HttpHeaders headers = info.headers();
    Optional<String> hash =
        headers
            .firstValue("X-Linked-Etag")
            .or(() -> fromHub ? headers.firstValue("ETag") : Optional.empty())
            .flatMap(etag -> HubListing.hash(etag.replaceAll("^W/|\"", "")));
    Optional<String> commit = headers.firstValue("X-Repo-Commit");
    return new HubResponse(
        info.statusCode(),
        headers,
        redirect == null ? hash : redirect.hash.or(() -> hash),
        redirect == null ? commit : redirect.commit.or(() -> commit));
  }
}
