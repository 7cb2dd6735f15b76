package ai.kindred.core.lm;

import ai.kindred.core.config.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Files damaged as accidents and attackers do it: cut, flipped, well-formed but wrong. */
final class HostileJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final List<JsonNode> JUNK =
      List.of(
          NODES.nullNode(),
          NODES.numberNode(-1),
          NODES.numberNode(0),
          NODES.numberNode(7),
          NODES.numberNode(5_000_000_000L),
          NODES.numberNode(1 << 30),
          NODES.numberNode(0.5),
          NODES.numberNode(1e308),
          NODES.booleanNode(true),
          NODES.textNode(""),
          NODES.textNode("B"),
          NODES.textNode("##"),
          NODES.textNode("(a*)*b"),
          NODES.textNode("Sequence"),
          NODES.textNode("../../x"),
          NODES.textNode("{{ x"),
          NODES.arrayNode(),
          NODES.objectNode());

  private HostileJson() {}

  /** The beginning of a file. */
  static byte[] cut(byte[] good, SplittableRandom random) {
    return Arrays.copyOf(good, random.nextInt(good.length));
  }

  /** A file with a bit flipped among its first bytes. */
  static byte[] flipped(byte[] good, int among, SplittableRandom random) {
    byte[] bad = good.clone();
    bad[random.nextInt(Math.min(among, bad.length))] ^= (byte) (1 << random.nextInt(8));
    return bad;
  }

  /** JSON with a part taken out, replaced by something wrong, or put where another was. */
  static byte[] restructured(byte[] good, SplittableRandom random) throws IOException {
    JsonNode root =
        Json.parse(new String(good, StandardCharsets.UTF_8), "good", Json.Limits.CONFIG);
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    JsonNode at = containers.get(random.nextInt(containers.size()));
    JsonNode value = JUNK.get(random.nextInt(JUNK.size())).deepCopy();
    if (at instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      switch (random.nextInt(4)) {
        case 0 -> object.remove(name);
        case 1 -> object.set(name, containers.get(random.nextInt(containers.size())).deepCopy());
        default -> object.set(name, value);
      }
    } else if (at instanceof ArrayNode array) {
      array.insert(random.nextInt(array.size() + 1), value);
    }
    return root.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }
}
