package ai.kindred.examples.suite;

import ai.kindred.core.data.InstructionSplits;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Example;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.InstructionTask.Languages;
import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The built-in suite of instruction tasks, always the same.
 *
 * <p>Every task has {@value #TRAIN} training, {@value #VALIDATION} validation and {@value
 * #HELD_OUT} held-out instances with different inputs. The three are made from different films and
 * users: a film in a held-out instance of any task is in no training instance of any task. Each
 * task has two more instances, made from training films, as positive examples.
 *
 * @param tasks the tasks, all instances in each
 * @param splits which instances are for what
 */
public record BuiltInSuite(List<InstructionTask> tasks, InstructionSplits splits) {

  /** Instances of each task to train on. */
  public static final int TRAIN = 400;

  /** Instances of each task to choose settings by. */
  public static final int VALIDATION = 40;

  /** Instances of each task to report on. */
  public static final int HELD_OUT = 80;

  private static final Key KEY = Key.of(1).fold("built-in suite");
  private static final int SHOWN = 2;
  private static final int MOST_DRAWS = 500_000;

  public BuiltInSuite {
    tasks = List.copyOf(tasks);
  }

  /** Makes the suite, which takes about a second. */
  public static BuiltInSuite make() {
    Parts parts = Parts.make();
    List<Recipe> recipes =
        Stream.of(FilmRecipes.all(), RatingRecipes.all(), TextRecipes.all())
            .flatMap(List::stream)
            .toList();
    List<InstructionTask> tasks = new ArrayList<>();
    Map<String, InstructionSplits.Ids> ids = new LinkedHashMap<>();
    for (int i = 0; i < recipes.size(); i++) {
      Recipe recipe = recipes.get(i);
      String name = String.format(Locale.ROOT, "suite%02d_%s", i + 1, recipe.name());
      Drawing drawing = new Drawing(name, recipe, KEY.fold(recipe.name()), new HashSet<>());
      List<Instance> heldOut = drawing.instances("heldout", parts.heldOut(), HELD_OUT);
      List<Instance> validation = drawing.instances("validation", parts.validation(), VALIDATION);
      List<Instance> train = drawing.instances("train", parts.train(), TRAIN);
      List<Example> shown =
          drawing.instances("shown", parts.train(), SHOWN).stream()
              .map(instance -> new Example(instance.input(), instance.target(), ""))
              .toList();
      tasks.add(
          new InstructionTask(
              name,
              recipe.definition(),
              List.of(recipe.category()),
              Languages.ENGLISH,
              shown,
              List.of(),
              Stream.of(train, validation, heldOut).flatMap(List::stream).toList()));
      ids.put(name, new InstructionSplits.Ids(ids(train), ids(validation), ids(heldOut)));
    }
    return new BuiltInSuite(tasks, new InstructionSplits(ids));
  }

  /** The held-out instances of all tasks: nothing may be trained on their text. */
  public List<Instance> heldOut() {
    return tasks.stream().flatMap(task -> splits.heldOut(task).stream()).toList();
  }

  private static List<String> ids(List<Instance> instances) {
    return instances.stream().map(Instance::id).toList();
  }

  /** What each split is made from: 70, 10 and 20 % of films and of users. */
  record Parts(Source train, Source validation, Source heldOut) {
    static Parts make() {
      MovieLens data = MovieLens.load();
      Key key = KEY.fold("parts");
      var movies = Source.shuffled(key.fold("movies").random(), data.movies());
      var users = Source.shuffled(key.fold("users").random(), data.users());
      List<Source> sources = new ArrayList<>();
      double[] cuts = {0, 0.7, 0.8, 1};
      for (int i = 0; i < 3; i++) {
        var own = new HashSet<>(part(movies, cuts[i], cuts[i + 1]));
        // A user's ratings of films of other parts are left out.
        var ratings =
            part(users, cuts[i], cuts[i + 1]).stream()
                .map(user -> user.stream().filter(r -> own.contains(r.movie())).toList())
                .filter(user -> !user.isEmpty())
                .toList();
        sources.add(new Source(part(movies, cuts[i], cuts[i + 1]), ratings));
      }
      return new Parts(sources.get(0), sources.get(1), sources.get(2));
    }

    private static <T> List<T> part(List<T> all, double from, double to) {
      return all.subList((int) (all.size() * from), (int) (all.size() * to));
    }
  }

  /** A text without case and punctuation, so that inputs differ in more than these. */
  private static String bare(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ").strip();
  }

  /** Draws instances with inputs that none before had. */
  private record Drawing(String name, Recipe recipe, Key key, Set<String> inputs) {
    List<Instance> instances(String split, Source source, int count) {
      SplittableRandom random = key.fold(split).random();
      List<Instance> instances = new ArrayList<>();
      for (int draw = 0; instances.size() < count; draw++) {
        if (draw == MOST_DRAWS) {
          throw new IllegalStateException(
              name
                  + ": only "
                  + instances.size()
                  + " of "
                  + count
                  + " different inputs in "
                  + split);
        }
        Optional<Recipe.Pair> pair = recipe.maker().make(source, random);
        if (pair.isPresent() && inputs.add(bare(pair.get().input()))) {
          String id = String.format(Locale.ROOT, "%s-%s-%03d", name, split, instances.size());
          instances.add(new Instance(id, pair.get().input(), List.of(pair.get().output())));
        }
      }
      return instances;
    }
  }
}
