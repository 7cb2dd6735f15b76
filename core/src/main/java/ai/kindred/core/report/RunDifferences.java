package ai.kindred.core.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Compares two runs, value by value. */
final class RunDifferences {
  private RunDifferences() {}

  static List<String> between(RunRecord one, RunRecord two) {
    Map<String, String> left = values(one);
    Map<String, String> right = values(two);
    Set<String> names = new TreeSet<>(left.keySet());
    names.addAll(right.keySet());
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      String a = left.getOrDefault(name, "(none)");
      String b = right.getOrDefault(name, "(none)");
      if (!a.equals(b)) {
        lines.add(name + ": " + a + " -> " + b);
      }
    }
    return lines;
  }

  private static Map<String, String> values(RunRecord record) {
    Map<String, String> values = new TreeMap<>();
    RunFacts facts = record.facts();
    values.put("command", facts.command());
    values.put("seed", String.valueOf(facts.seed()));
    facts.versions().forEach((name, version) -> values.put("versions/" + name, version));
    facts.data().forEach(file -> values.put("data/" + file.name(), file.sha256()));
    if (facts.git() != null) {
      values.put("commit", facts.git().toString());
    }
    flatten("config", record.config(), values);
    if (record.results() != null) {
      flatten("results", record.results(), values);
    }
    return values;
  }

  private static void flatten(String path, JsonNode node, Map<String, String> values) {
    if (node.isObject()) {
      node.properties().forEach(e -> flatten(path + "/" + e.getKey(), e.getValue(), values));
    } else if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + "/" + i, node.get(i), values);
      }
    } else {
      values.put(path, node.toString());
    }
  }
}
