package ai.kindred.examples.reliability;

import ai.kindred.core.data.IdxFiles;
import ai.kindred.core.data.Images;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tensor;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.reliability.campaign.ClassifierTarget;
import ai.kindred.reliability.campaign.LanguageModelTarget;
import ai.kindred.reliability.campaign.Subject;
import ai.kindred.reliability.campaign.Target;
import ai.kindred.reliability.network.Network;
import ai.kindred.reliability.network.TrainedNetwork;
import ai.kindred.reliability.network.TrainedNetwork.Method;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Networks of a campaign from folders. Language models stand alone. Folders that {@code kindred
 * reliability train} wrote go together by architecture: those trained for int8 are the plain ones
 * (one in floats if there is none), those by QATT the trained ones, paired where every seed has
 * both.
 *
 * @param data folder of test images, or null
 * @param count how many of them, the first
 * @param text what language models read, or null
 * @param tokens how much of it
 */
record CampaignSubjects(@Nullable Path data, int count, @Nullable Path text, int tokens) {

  private static final String TINY = "kindred-tiny";
  private static final String NETWORK = "network.json";
  private static final int WINDOW = 256;
  private static final int BATCH = 250;

  /** A folder that does not hold a network, or lacks what it is measured on. */
  static final class BadFolderException extends IOException {
    private static final long serialVersionUID = 1;

    BadFolderException(String message) {
      super(message);
    }
  }

  /** Where a name of the command line leads: a folder, a run's network, or the bundled model. */
  static Path folder(String name) throws IOException {
    Path folder = Path.of(name);
    if (!Files.exists(folder) && name.equals(TINY)) {
      return KindredTiny.folder();
    }
    if (!Files.isDirectory(folder)) {
      throw new BadFolderException(
          "no such folder: "
              + name
              + "; give folders of networks or language models, or "
              + TINY
              + " for the bundled model");
    }
    Path inside = folder.resolve("network");
    return Files.exists(inside.resolve(NETWORK)) ? inside : folder;
  }

  /** Loads networks into a scope, which owns them. */
  List<Subject> load(List<String> given, Scope scope) throws IOException {
    List<Subject> subjects = new ArrayList<>();
    Map<String, List<TrainedNetwork>> families = new LinkedHashMap<>();
    for (String name : given) {
      Path folder = folder(name);
      if (Files.exists(folder.resolve(NETWORK))) {
        TrainedNetwork network = TrainedNetwork.load(folder);
        scope.adopt(network.network());
        families
            .computeIfAbsent(
                network.config().architecture().name().toLowerCase(Locale.ROOT),
                a -> new ArrayList<>())
            .add(network);
      } else if (Files.exists(folder.resolve("config.json"))) {
        subjects.add(languageModel(name, folder, scope));
      } else {
        throw new BadFolderException(
            name + " holds no network: it has neither " + NETWORK + " nor config.json");
      }
    }
    for (Map.Entry<String, List<TrainedNetwork>> family : families.entrySet()) {
      subjects.add(family(family.getKey(), family.getValue(), scope));
    }
    return subjects;
  }

  private Subject languageModel(String given, Path folder, Scope scope) throws IOException {
    if (text == null) {
      throw new BadFolderException(
          given + " holds a language model, which is measured on a text: give one by --text");
    }
    LanguageModel model = scope.adopt(LanguageModel.load(folder, Precision.BFLOAT16));
    int[] ids = model.requireTokenizer().encode(Files.readString(text), false);
    Path last = Path.of(given).toAbsolutePath().normalize().getFileName();
    return new Subject(
        last == null ? given : last.toString(),
        new LanguageModelTarget(
            model,
            Arrays.copyOf(ids, Math.min(ids.length, tokens)),
            Math.min(WINDOW, model.config().maxPositions())),
        List.of());
  }

  private Subject family(String name, List<TrainedNetwork> networks, Scope scope)
      throws IOException {
    if (data == null) {
      throw new BadFolderException(
          name + " is measured on test images: give their folder by --data");
    }
    Images test = IdxFiles.test(data);
    int n = Math.min(count, test.size());
    Tensor images = scope.adopt(test.floats(IntStream.range(0, n).toArray()));
    int[] labels = Arrays.copyOf(test.labels(), n);
    Map<Long, Target> plain = bySeed(name, networks, Method.INT8, images, labels);
    if (plain.isEmpty()) {
      plain = bySeed(name, networks, Method.FLOAT, images, labels);
    }
    Map<Long, Target> trained = bySeed(name, networks, Method.QATT, images, labels);
    if (plain.isEmpty()) {
      throw new BadFolderException(
          name + " needs a network trained as usual, by int8 or float, to count drops from");
    }
    if (!trained.isEmpty() && plain.keySet().containsAll(trained.keySet())) {
      List<Target> pairs = trained.keySet().stream().map(plain::get).toList();
      return new Subject(name, pairs.get(0), List.copyOf(trained.values()), pairs);
    }
    return new Subject(name, plain.values().iterator().next(), List.copyOf(trained.values()));
  }

  private static Map<Long, Target> bySeed(
      String name, List<TrainedNetwork> networks, Method method, Tensor images, int[] labels)
      throws IOException {
    Map<Long, Target> targets = new LinkedHashMap<>();
    for (TrainedNetwork t : networks) {
      if (t.config().method() == method) {
        Target target =
            new ClassifierTarget<>(
                t.network(),
                TrainedNetwork::isWeight,
                t.steps(),
                Network::logits,
                images,
                labels,
                BATCH);
        if (targets.put(t.config().seed(), target) != null) {
          throw new BadFolderException(
              "two folders hold " + name + " by " + method + " from seed " + t.config().seed());
        }
      }
    }
    return targets;
  }
}
