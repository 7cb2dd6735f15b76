package ai.kindred.reliability.fault;

import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.kernel.Key;
import ai.kindred.reliability.fault.Fault.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Faults that can be put in again: drawn from a key, or read from a file.
 *
 * @param faults in the order of memory
 */
public record FaultList(List<Fault> faults) {

  private static final String HEAD = "tensor\tbit\tkind";

  /** Copies. */
  public FaultList {
    faults = List.copyOf(faults);
  }

  /**
   * Draws faults over all tensors together, so that each is hit in proportion to its size.
   *
   * @param bits number of bits of each tensor
   * @param key the same key, model and sizes give the same faults
   */
  public static FaultList draw(FaultModel model, Map<String, Long> bits, Key key) {
    TreeMap<Long, String> starts = new TreeMap<>();
    long all = 0;
    for (Map.Entry<String, Long> e : new TreeMap<>(bits).entrySet()) {
      if (e.getValue() > 0) {
        starts.put(all, e.getKey());
        all += e.getValue();
      }
    }
    SplittableRandom random = key.fold("faults").random();
    List<Fault> faults = new ArrayList<>();
    for (long at : model.places(all, random).stream().sorted().toList()) {
      Map.Entry<Long, String> tensor = starts.floorEntry(at);
      faults.add(new Fault(tensor.getValue(), at - tensor.getKey(), model.kind(random)));
    }
    return new FaultList(faults);
  }

  /** The faults by tensor. */
  public Map<String, List<Fault>> byTensor() {
    Map<String, List<Fault>> by = new LinkedHashMap<>();
    faults.forEach(f -> by.computeIfAbsent(f.tensor(), t -> new ArrayList<>()).add(f));
    by.values().forEach(list -> list.sort(Comparator.comparingLong(Fault::bit)));
    return by;
  }

  /** Writes the list as text, a fault a line: tensor, bit and kind between tabs. */
  public void write(Path file) throws IOException {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    for (Fault f : faults) {
      text.append(f.tensor()).append('\t').append(f.bit()).append('\t').append(f.kind());
      text.append('\n');
    }
    AtomicFiles.writeString(file, text.toString());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException where a line is something else, naming it
   */
  public static FaultList read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || !lines.get(0).equals(HEAD)) {
      throw new IOException(file + ": a list of faults starts with the line `" + HEAD + "`");
    }
    List<Fault> faults = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String[] parts = lines.get(i).split("\t", -1);
      try {
        if (parts.length != 3) {
          throw new IllegalArgumentException("three fields are needed");
        }
        long bit = Long.parseLong(parts[1]);
        faults.add(new Fault(parts[0], bit, Kind.valueOf(parts[2])));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + ":" + (i + 1) + ": no fault: " + e.getMessage(), e);
      }
    }
    return new FaultList(faults);
  }
}
