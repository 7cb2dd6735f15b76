package ai.kindred.peft;

import ai.kindred.core.config.Names;
import ai.kindred.core.io.MalformedFileException;
import ai.kindred.core.io.SafetensorsFile;
import ai.kindred.core.io.StoredTensor;
import ai.kindred.core.kernel.DType;
import ai.kindred.core.kernel.Params;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.nn.Adapter;
import ai.kindred.core.nn.Linear;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors of an adapter file, put into adapters and taken out of them. */
final class AdapterTensors {

  private final Path file;
  private final Map<String, StoredTensor> left;

  private AdapterTensors(Path file, Map<String, StoredTensor> tensors) {
    this.file = file;
    this.left = tensors;
  }

  static AdapterTensors of(Path path, SafetensorsFile file) throws IOException {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (String name : file.names()) {
      tensors.put(name, file.get(name));
    }
    return new AdapterTensors(path, tensors);
  }

  /** The tensors of a model's adapters as files hold them. */
  static Map<String, StoredTensor> stored(Object model) {
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    Tree.params(model, Adapter.class)
        .asMap()
        .forEach(
            (path, t) -> {
              StoredTensor stored = new StoredTensor(t.dtype(), t.lengths(), t.toBytes());
              if (t.dtype().isFloating() && firstNotFinite(stored.toFloats()) >= 0) {
                throw new IllegalArgumentException(
                    path + " holds values that are not finite: training has diverged");
              }
              tensors.put(AdapterKeys.of(path), stored);
            });
    return tensors;
  }

  /**
   * The adapters that a config asks for, with this file's values.
   *
   * @throws MalformedFileException if the file does not hold exactly their tensors
   */
  Map<String, Adapter> adapters(AdapterConfig config, Map<String, Linear> linears)
      throws MalformedFileException {
    Set<String> chosen = config.targets().among(linears.keySet());
    if (chosen.isEmpty()) {
      throw wrongBase("the config's targets match none of its modules", linears.keySet());
    }
    Budget budget = new Budget(left.values());
    Map<String, Adapter> made = new LinkedHashMap<>();
    for (String path : chosen) {
      Linear base = linears.get(path);
      if (base == null) {
        throw new IllegalStateException("targets choose among the paths given");
      }
      budget.rest = budget.most;
      made.put(path, filled(path, fresh(config, path, base, budget)));
    }
    if (!left.isEmpty()) {
      throw wrongBase(
          "the file also holds " + Names.printable(left.keySet().iterator().next()),
          linears.keySet());
    }
    return made;
  }

  private Adapter fresh(AdapterConfig config, String path, Linear base, Budget budget)
      throws MalformedFileException {
    try {
      return config.adapt(path, base, budget);
    } catch (TooLargeException e) {
      throw new MalformedFileException(
          file,
          "the config asks for larger tensors at "
              + path
              + " than the file holds (it has "
              + budget.total
              + " values in all)");
    }
  }

  private Adapter filled(String path, Adapter fresh) throws MalformedFileException {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> leaf : Tree.params(fresh, Adapter.class).asMap().entrySet()) {
      String key = AdapterKeys.of(path + "." + leaf.getKey());
      StoredTensor stored = left.remove(key);
      if (stored == null) {
        throw new MalformedFileException(
            file,
            "there is no tensor "
                + key
                + ": the adapter lacks a module that its config targets in this model");
      }
      long[] shape = leaf.getValue().lengths();
      if (!Arrays.equals(stored.shape(), shape)) {
        throw new MalformedFileException(
            file,
            key
                + " is of shape "
                + Arrays.toString(stored.shape())
                + "; this model and the config ask for "
                + Arrays.toString(shape)
                + ": is it the base model that the adapter was trained on?");
      }
      values.put(leaf.getKey(), read(key, stored));
      leaf.getValue().close();
    }
    return Tree.with(fresh, new Params(values));
  }

  private Tensor read(String key, StoredTensor stored) throws MalformedFileException {
    if (!stored.dtype().isFloating()) {
      throw new MalformedFileException(
          file, key + " holds " + stored.dtype() + " values; adapters hold floating-point ones");
    }
    float[] values = stored.toFloats();
    int bad = firstNotFinite(values);
    if (bad >= 0) {
      throw new MalformedFileException(
          file,
          key + " holds " + values[bad] + " at place " + bad + "; every value must be finite");
    }
    Tensor flat = Tensor.of(values, values.length);
    return stored.shape().length == 1 ? flat : shaped(flat, stored.shape());
  }

  private static Tensor shaped(Tensor flat, long[] shape) {
    try (flat) {
      return flat.reshape(shape).copy();
    }
  }

  private static int firstNotFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }

  private MalformedFileException wrongBase(String what, Collection<String> paths) {
    return new MalformedFileException(
        file, "the adapter is for another model: " + what + "; " + Targets.existing(paths));
  }

  /** Makes tensors without drawing, and not many more of them than the file can fill. */
  private static final class Budget implements Init {

    /** So that in small files a tensor that is missing is told by name. */
    private static final long SOME = 1 << 20;

    private final long total;
    private final long most;
    private long rest;

    Budget(Collection<StoredTensor> tensors) {
      total = tensors.stream().mapToLong(StoredTensor::elements).sum();
      most = Math.max(total, SOME);
      rest = most;
    }

    @Override
    public Tensor uniform(String name, double bound, long... shape) {
      return zeros(shape);
    }

    @Override
    public Tensor zeros(long... shape) {
      long elements = 1;
      for (long length : shape) {
        if (length > 0 && elements > rest / length) {
          throw new TooLargeException();
        }
        elements *= length;
      }
      rest -= elements;
      return Tensor.zeros(DType.FLOAT32, shape);
    }
  }

  /** Leaves a config's own code where it asks for too much. */
  private static final class TooLargeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
  }
}
