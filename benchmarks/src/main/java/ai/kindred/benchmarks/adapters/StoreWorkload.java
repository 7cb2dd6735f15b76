package ai.kindred.benchmarks.adapters;

import ai.kindred.benchmarks.lm.PeakMemory;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.AdapterStore;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.LoraConfig;
import ai.kindred.peft.Targets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Folders of LoRAs, of which 32 are in memory: the time to borrow one that is not, one that is, and
 * eight for one batch; and the peak.
 *
 * @param stored folders
 * @param seconds after which no more of them are borrowed
 */
record StoreWorkload(LanguageModel model, int stored, double seconds) {

  private static final int RANK = 8;
  private static final int RESIDENT = 32;
  private static final int BATCH = 8;

  Line line(String name) throws IOException {
    Path folder = Files.createTempDirectory("kindred-bench-adapters");
    try {
      double before = PeakMemory.megabytes();
      AdapterFolder first = AdapterFolder.at(folder.resolve("a0"));
      save(first, LoraConfig.of(RANK, RANK, Targets.allLinear()));
      for (int i = 1; i < stored; i++) {
        copy(first.path(), folder.resolve("a" + i));
      }
      return new Line(
          name, "LoRAs of rank " + RANK, borrow(folder, before, megabytes(first.path())));
    } finally {
      delete(folder);
    }
  }

  private Map<String, Double> borrow(Path folder, double before, double each) throws IOException {
    List<Double> misses = new ArrayList<>();
    List<Double> hits = new ArrayList<>();
    List<Double> batches = new ArrayList<>();
    List<String> names = new ArrayList<>();
    try (AdapterStore<LanguageModel> store = AdapterStore.of(model, Math.min(RESIDENT, stored))) {
      for (int i = 0; i < stored; i++) {
        names.add("a" + i);
        store.add("a" + i, AdapterFolder.at(folder.resolve("a" + i)));
      }
      long begun = System.nanoTime();
      for (int i = 0; i < stored && Patience.since(begun) < seconds; i++) {
        for (List<Double> times : List.of(misses, hits)) {
          long start = System.nanoTime();
          store.borrow(names.get(i)).close();
          times.add(Patience.since(start));
        }
      }
      int last = misses.size();
      List<String> latest = names.subList(Math.max(0, last - BATCH), last);
      for (int i = 0; i < BATCH; i++) {
        long start = System.nanoTime();
        store.borrow(latest).close();
        batches.add(Patience.since(start));
      }
      Map<String, Double> figures = new LinkedHashMap<>();
      figures.put("adapters", (double) stored);
      figures.put("borrowed", (double) last);
      figures.put("resident", (double) store.resident());
      figures.put("adapter_mb", each);
      figures.put("all_mb", stored * each);
      figures.put("miss_ms", 1e3 * Patience.median(misses));
      figures.put("hit_ms", 1e3 * Patience.median(hits));
      figures.put("batch_of_8_ms", 1e3 * Patience.median(batches));
      figures.put("peak_growth_mb", PeakMemory.megabytes() - before);
      return figures;
    }
  }

  @SuppressWarnings("try") // the scope works by being open
  private void save(AdapterFolder at, LoraConfig config) throws IOException {
    try (Scope scope = Scope.open()) {
      at.save(Adapters.add(model, config, Key.of(0)), config, "benchmark");
    }
  }

  private static double megabytes(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes / 1048576.0;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(String.valueOf(file.getFileName()));
        try {
          Files.createLink(target, file); // a thousand copies would only fill the disk
        } catch (IOException | UnsupportedOperationException e) {
          Files.copy(file, target);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
