package ai.kindred.examples.adapters;

import ai.kindred.core.data.CommonestAnswer;
import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.PackedBatch;
import ai.kindred.core.data.TokenizedExample;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.report.DataFile;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.train.Event;
import ai.kindred.core.train.Signal;
import ai.kindred.core.train.Trained;
import ai.kindred.core.train.TrainingInterruptedException;
import ai.kindred.examples.multitask.Adaptation;
import ai.kindred.examples.multitask.Answers;
import ai.kindred.examples.multitask.HeldOutLoss;
import ai.kindred.examples.multitask.TaskSuite;
import ai.kindred.peft.AdapterFolder;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.ParameterCount;
import ai.kindred.peft.RouterStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the trials of an experiment one after another, each on the core's trainer, writes their
 * results down as they come, and has the findings made from what was written.
 *
 * <pre>
 * trials.jsonl          a line a trial and a baseline
 * adapters/TRIAL        trained adapters, where the experiment keeps them
 * results.json          the findings' figures
 * report.html           the findings
 * tables.md             their tables, for pages
 * </pre>
 *
 * @param model folder of the base model
 * @param tasks folder of tasks, or null for the built-in suite
 * @param out folder of the run
 * @param config settings
 * @param command as it was typed, for the record
 */
record Laboratory(
    Path model, @Nullable Path tasks, Path out, ExperimentConfig config, String command) {

  private static final int ROUTED_EXAMPLES = 16;

  /** What came out. */
  record Outcome(Findings findings, Path report) {}

  /**
   * Runs an experiment, or goes on with an interrupted one.
   *
   * @param notes is told how far it is
   * @throws PlanException if the settings do not fit the model or the tasks, or an interrupted run
   *     was of other settings or files
   */
  Outcome run(Experiment experiment, boolean resume, Consumer<String> notes)
      throws IOException, InterruptedException {
    try (Scope scope = Scope.open()) {
      LanguageModel base = scope.adopt(LanguageModel.load(model, config.precision()));
      Experiment.Setting setting;
      List<Trial> plan;
      try {
        TaskSuite suite = TaskSuite.load(tasks, config.only(), config.sizes(), config.splitSeed());
        suite = experiment.suite(suite);
        setting = new Experiment.Setting(base, suite, unseen(suite), config, out);
        plan = experiment.plan(setting);
      } catch (IllegalArgumentException e) {
        throw new PlanException(String.valueOf(e.getMessage()));
      }
      requireDistinct(plan);
      try (RunDirectory run = directory(resume)) {
        TrialLog log = TrialLog.open(out.resolve("trials.jsonl"));
        try {
          runAll(experiment, setting, plan, log, run, notes);
        } catch (TrainingInterruptedException | InterruptedException e) {
          run.finish(RunStatus.STOPPED);
          throw e;
        }
        Findings findings = experiment.findings(setting, log.results());
        run.results(findings.figures());
        Files.writeString(out.resolve("tables.md"), findings.markdown());
        run.finish(RunStatus.DONE);
        Path report = findings.write(run, facts(setting.suite(), plan));
        return new Outcome(findings, report);
      }
    }
  }

  private static void requireDistinct(List<Trial> plan) {
    Set<String> ids = new HashSet<>();
    for (Trial trial : plan) {
      if (!ids.add(trial.id())) {
        throw new IllegalStateException("two trials are called " + trial.id());
      }
    }
  }

  /** Tasks that no trial trains on, drawn from the seed of splits. */
  private List<String> unseen(TaskSuite suite) {
    List<String> names = suite.names();
    if (config.leaveOut() >= names.size()) {
      throw new IllegalArgumentException(
          "--leave-out is " + config.leaveOut() + "; the suite has " + names.size() + " tasks");
    }
    Key key = Key.of(config.splitSeed()).fold("leave out");
    List<String> drawn =
        names.stream()
            .sorted(Comparator.comparingLong(name -> key.fold(name).seed()))
            .limit(config.leaveOut())
            .toList();
    return names.stream().filter(drawn::contains).toList();
  }

  private RunDirectory directory(boolean resume) throws IOException {
    List<Path> files = TaskSuite.files(model, tasks);
    if (!resume || !Files.exists(out.resolve("run.json"))) {
      return RunDirectory.create(
          out, new RunDirectory.Setup(command, config.seeds().get(0), config, files));
    }
    RunRecord before = RunRecord.read(out);
    ExperimentConfig then = before.config(ExperimentConfig.class);
    if (!then.equals(config)) {
      throw new PlanException(
          "the run in " + out + " is of other settings: " + then + ", not " + config);
    }
    List<String> read = before.facts().data().stream().map(DataFile::sha256).toList();
    if (!read.equals(DataFile.of(files).stream().map(DataFile::sha256).toList())) {
      throw new PlanException(
          "the run in " + out + " is of another model or other tasks: files have changed");
    }
    return RunDirectory.resume(out, before.events("trial").size());
  }

  private void runAll(
      Experiment experiment,
      Experiment.Setting setting,
      List<Trial> plan,
      TrialLog log,
      RunDirectory run,
      Consumer<String> notes)
      throws IOException, InterruptedException {
    baselines(experiment, setting, log);
    double spent = 0;
    int made = 0;
    for (int i = 0; i < plan.size(); i++) {
      Trial trial = plan.get(i);
      if (log.find(trial.id()).isPresent()) {
        continue;
      }
      String label = "%d/%d %s".formatted(i + 1, plan.size(), trial.method());
      TrialResult result = run(experiment, setting, trial, i, label);
      log.add(result);
      delete(checkpoints(i));
      spent += result.seconds();
      made++;
      double score = mean(result.scores());
      double loss = mean(result.losses());
      run.on(
          new Event(i + 1L, "trial")
              .with("id", trial.id())
              .with("rouge_l", score)
              .with("loss", loss)
              .with("seconds", result.seconds()));
      notes.accept(
          "%d of %d: %s, ROUGE-L %.1f, loss %.3f; %.0f s, about %.0f min to go"
              .formatted(
                  i + 1,
                  plan.size(),
                  trial.id(),
                  score,
                  loss,
                  result.seconds(),
                  spent / made * (plan.size() - i - 1) / 60));
    }
  }

  private void baselines(Experiment experiment, Experiment.Setting setting, TrialLog log)
      throws IOException, InterruptedException {
    TaskSuite suite = setting.suite();
    if (log.find(TrialResult.baselineId(TrialResult.BASE)).isEmpty()) {
      long start = System.nanoTime();
      Map<String, double[]> scores = scores(experiment, setting.base(), suite, "before");
      Map<String, double[]> losses = HeldOutLoss.of(setting.base(), suite);
      log.add(TrialResult.baseline(TrialResult.BASE, since(start), scores, losses));
    }
    if (log.find(TrialResult.baselineId(TrialResult.COMMONEST)).isEmpty()) {
      Map<String, double[]> scores = new LinkedHashMap<>();
      for (InstructionTask task : suite.tasks()) {
        String answer = CommonestAnswer.of(suite.train(task)).answer();
        scores.put(task.name(), Answers.constant(suite.heldOut(task), answer));
      }
      log.add(TrialResult.baseline(TrialResult.COMMONEST, 0, scores, Map.of()));
    }
  }

  private Map<String, double[]> scores(
      Experiment experiment, LanguageModel model, TaskSuite suite, String when)
      throws InterruptedException {
    return experiment.answers()
        ? Answers.of(model, suite, config.maxNewTokens(), when).scores()
        : Map.of();
  }

  @SuppressWarnings("try") // the scope works by being open
  private TrialResult run(
      Experiment experiment, Experiment.Setting setting, Trial trial, int index, String label)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (Scope scope = Scope.open()) {
      LanguageModel adapted = Adapters.add(setting.base(), trial.adapter(), start(trial));
      ParameterCount count = ParameterCount.of(adapted);
      Adaptation adaptation = config.adaptation(trial);
      Trained trained =
          adaptation.train(
              adapted,
              adaptation.data(setting.base(), setting.suite().only(trial.tasks())),
              label,
              event -> Signal.CONTINUE,
              checkpoints(index),
              Map.of(
                  "model", String.valueOf(model.getFileName()),
                  "tasks", setting.suite().name(),
                  "trial", trial.toString(),
                  "settings", config.toString()));
      LanguageModel tuned = Tree.with(adapted, trained.params());
      if (experiment.keepsAdapters()) {
        adapter(out, trial).save(tuned, trial.adapter(), String.valueOf(model.getFileName()));
      }
      TaskSuite evaluated = setting.suite().only(trial.evaluated());
      Map<String, double[]> scores = scores(experiment, tuned, evaluated, label);
      return new TrialResult(
          trial.group(),
          trial.method(),
          trial.part(),
          trial.seed(),
          trial.steps(),
          trial.learningRate(),
          trial.tasks(),
          count.added(),
          count.percent(),
          count.publishedPercent(),
          since(start),
          scores,
          HeldOutLoss.of(tuned, evaluated),
          experiment.watchesRouters() ? routers(tuned, evaluated) : List.of());
    }
  }

  /** What a trial's first values are drawn from. */
  static Key start(Trial trial) {
    return Key.of(trial.start()).fold("adapters");
  }

  /** Where a trial's adapter is kept. */
  static AdapterFolder adapter(Path out, Trial trial) {
    return AdapterFolder.at(
        out.resolve("adapters").resolve(trial.id().replaceAll("[^A-Za-z0-9_.-]+", "-")));
  }

  private static List<TrialResult.Routed> routers(LanguageModel tuned, TaskSuite suite) {
    List<TrialResult.Routed> rows = new ArrayList<>();
    try (RouterStats stats = new RouterStats(tuned)) {
      for (int t = 0; t < suite.tasks().size(); t++) {
        InstructionTask task = suite.tasks().get(t);
        List<TokenizedExample> examples = new ArrayList<>();
        for (InstructionTask.Instance i :
            suite.heldOut(task).stream().limit(ROUTED_EXAMPLES).toList()) {
          int[] prompt =
              Answers.prompt(tuned.requireTokenizer(), task, i, tuned.config().maxPositions() - 1);
          examples.add(new TokenizedExample(prompt, new int[] {0}, t));
        }
        stats.add(PackedBatch.of(examples));
      }
      for (RouterStats.Router r : stats.routers()) {
        List<List<Double>> weights =
            Arrays.stream(r.weights())
                .map(slot -> Arrays.stream(slot).mapToObj(w -> Math.round(w * 1e6) / 1e6).toList())
                .toList();
        rows.add(
            new TrialResult.Routed(
                r.path(), suite.tasks().get(r.task()).name(), weights, r.entropy()));
      }
    }
    return rows;
  }

  private Path checkpoints(int trial) {
    return out.resolve("checkpoints").resolve("trial-" + (trial + 1));
  }

  private static void delete(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        for (Path file : inside.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private Map<String, String> facts(TaskSuite suite, List<Trial> plan) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Model", String.valueOf(model.getFileName()));
    facts.put("Tasks", suite.name() + ", " + suite.tasks().size() + " tasks");
    facts.put("Trials", String.valueOf(plan.size()));
    facts.put("Settings", config.toString());
    return facts;
  }

  private static double mean(Map<String, double[]> scores) {
    return scores.values().stream()
        .mapToDouble(points -> Arrays.stream(points).average().orElse(0))
        .average()
        .orElse(0);
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
