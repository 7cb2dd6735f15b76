package ai.kindred.core.report;

import ai.djl.engine.Engine;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** The software and the machine under a run. */
final class Versions {
  private Versions() {}

  /** Name to version, without loading the native library. */
  static Map<String, String> collect() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("kindred", property("/ai/kindred/core/report/version.properties", "version"));
    versions.put("djl", Engine.getDjlVersion());
    String library = "/native/lib/pytorch.properties";
    versions.put(
        "libtorch",
        property(library, "version")
            + " "
            + property(library, "flavor")
            + " "
            + property(library, "classifier"));
    versions.put(
        "jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    versions.put("arch", System.getProperty("os.arch"));
    Runtime runtime = Runtime.getRuntime();
    versions.put("processors", String.valueOf(runtime.availableProcessors()));
    versions.put("maxHeapMiB", String.valueOf(runtime.maxMemory() >> 20));
    return versions;
  }

  private static String property(String resource, String name) {
    Properties properties = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "unknown"; // a record without one version is better than no run
    }
    return properties.getProperty(name, "unknown");
  }
}
