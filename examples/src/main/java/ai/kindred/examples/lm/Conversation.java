package ai.kindred.examples.lm;

import ai.kindred.core.config.Json;
import ai.kindred.core.lm.ChatTemplate;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads conversations: a JSON list of {@code {"role":"..","content":".."}}. */
final class Conversation {

  private Conversation() {}

  static List<ChatTemplate.Message> read(Path file) throws IOException {
    JsonNode root = Json.read(file, Json.Limits.CONFIG);
    if (!root.isArray() || root.isEmpty()) {
      throw new IOException(
          file + ": expected a list of messages, [{\"role\":\"user\",\"content\":\"..\"}, ..]");
    }
    List<ChatTemplate.Message> messages = new ArrayList<>();
    for (JsonNode m : root) {
      if (!m.path("role").isTextual() || !m.path("content").isTextual()) {
        throw new IOException(
            file
                + ": message "
                + messages.size()
                + " needs a \"role\" and a \"content\", both strings");
      }
      messages.add(
          new ChatTemplate.Message(m.get("role").textValue(), m.get("content").textValue()));
    }
    return messages;
  }
}
