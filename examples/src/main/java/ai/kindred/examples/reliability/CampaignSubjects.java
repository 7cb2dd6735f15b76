package ai.kindred.examples.reliability;

import ai.kindred.core.kernel.Scope;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.lm.Precision;
import ai.kindred.reliability.campaign.LanguageModelTarget;
import ai.kindred.reliability.campaign.Subject;
import ai.kindred.reliability.campaign.Target;
import ai.kindred.tiny.KindredTiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Networks of a campaign from folders.
 *
 * @param text what language models read, or null
 * @param tokens how much of it
 */
record CampaignSubjects(@Nullable Path text, int tokens) {

  private static final String TINY = "kindred-tiny";
  private static final int WINDOW = 256;

  /** A folder that does not hold a network, or lacks what it is measured on. */
  static final class BadFolderException extends IOException {
    private static final long serialVersionUID = 1;

    BadFolderException(String message) {
      super(message);
    }
  }

  /** Where a name of the command line leads: a folder, or the bundled model. */
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
    return folder;
  }

  /** Name of a network in tables. */
  static String name(String given) {
    Path last = Path.of(given).toAbsolutePath().normalize().getFileName();
    return last == null ? given : last.toString();
  }

  /** Loads a network into a scope, which owns it. */
  Subject load(String given, Scope scope) throws IOException {
    Path folder = folder(given);
    if (!Files.exists(folder.resolve("config.json"))) {
      throw new BadFolderException(folder + " has no config.json: it holds no network");
    }
    return new Subject(name(given), languageModel(folder, scope), List.of());
  }

  private Target languageModel(Path folder, Scope scope) throws IOException {
    if (text == null) {
      throw new BadFolderException(
          folder + " holds a language model, which is measured on a text: give one by --text");
    }
    LanguageModel model = scope.adopt(LanguageModel.load(folder, Precision.BFLOAT16));
    int[] ids = model.requireTokenizer().encode(Files.readString(text), false);
    return new LanguageModelTarget(
        model,
        Arrays.copyOf(ids, Math.min(ids.length, tokens)),
        Math.min(WINDOW, model.config().maxPositions()));
  }
}
