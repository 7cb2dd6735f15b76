package ai.kindred.examples.reliability;

import ai.kindred.cli.Output;
import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.report.DataFile;
import ai.kindred.core.report.Progress;
import ai.kindred.core.report.RunDirectory;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.RunStatus;
import ai.kindred.core.workers.ThreadWorkers;
import ai.kindred.reliability.campaign.Campaign;
import ai.kindred.reliability.campaign.Results;
import ai.kindred.reliability.campaign.Strategy;
import ai.kindred.reliability.campaign.TrialLog;
import ai.kindred.reliability.campaign.TrialResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "campaign",
    description = {
      "Networks under memory errors: strategies by rates by seeds.",
      "",
      "Keeps each network's weights as each strategy would, flips bits, lets the code repair, and"
          + " measures what is left: a table as in Guan et al. (2019), plots, and which claims of"
          + " the paper hold here. A line a trial goes into trials.tsv; --resume goes on after a"
          + " kill, to the same figures."
    })
final class CampaignCommand implements Callable<Integer> {

  private static final String DEFAULT =
      "none,parity-zero,neighbour-average,secded-72,bch,tmr,qatt,clamped,int7-57,int7-56,"
          + "int7-56-mean,half-step,flagged,int4-none,int4-secded-72,int4-in-place,int3-56";

  @Mixin private final Output output = new Output();

  @Option(
      names = "--networks",
      paramLabel = "DIR",
      split = ",",
      required = true,
      description = "Folders of networks and language models; kindred-tiny for the bundled one.")
  private List<String> networks = List.of();

  @Option(
      names = "--strategies",
      paramLabel = "LIST",
      description =
          "What to try, with commas between; add -mean for the posterior mean in place of damage"
              + " beyond repair (default: ${DEFAULT-VALUE}).")
  private String strategies = DEFAULT;

  @Option(
      names = "--rates",
      paramLabel = "R",
      split = ",",
      description = "Flipped bits over all bits, above 0 up to 0.5 (default: ${DEFAULT-VALUE}).")
  private List<Double> rates = List.of(1e-6, 1e-5, 1e-4, 1e-3);

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Fault seeds (default: ${DEFAULT-VALUE}).")
  private int seeds = 10;

  @Option(
      names = "--exact",
      description = "Flip rate x bits, rounded down, as the authors do; else each bit by itself.")
  private boolean exact;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of Fashion-MNIST's test images, which networks are measured on.")
  private @Nullable Path data;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "How many of them (default: ${DEFAULT-VALUE}).")
  private int images = 2000;

  @Option(names = "--text", paramLabel = "FILE", description = "What language models read.")
  private @Nullable Path text;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of the text (default: ${DEFAULT-VALUE}).")
  private int tokens = 2048;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Trials at once; figures do not depend on it (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run; a new one below runs.")
  private @Nullable Path out;

  @Option(names = "--resume", description = "Go on with the interrupted run in --out.")
  private boolean resume;

  @Override
  public Integer call() throws IOException {
    try (Scope scope = Scope.open()) {
      Campaign campaign = campaign(scope);
      Path folder = folder();
      List<Path> files = files();
      CampaignConfig config = config(campaign);
      try (RunDirectory run = directory(folder, config, files)) {
        Results results = run(campaign, TrialLog.open(folder.resolve("trials.tsv")));
        CampaignReport report = new CampaignReport(results);
        run.results(report.figures());
        AtomicFiles.writeString(folder.resolve("tables.md"), report.markdown());
        run.finish(RunStatus.DONE);
        Path page = report.write(run, facts(campaign));
        Map<String, Object> figures = new LinkedHashMap<>(report.figures());
        figures.put("report", page.toString());
        output.result(figures, report.text() + "\n\nreport  " + page);
      }
    }
    return 0;
  }

  private Campaign campaign(Scope scope) throws IOException {
    if (resume && out == null) {
      throw output.badUsage("--resume needs --out DIR, the folder of the run to go on with");
    }
    if (threads < 1 || images < 1 || tokens < 2) {
      throw output.badUsage(
          "--threads %d, --images %d, --tokens %d: at least 1, 1 and 2 are needed"
              .formatted(threads, images, tokens));
    }
    if (text != null && !Files.isRegularFile(text)) {
      throw output.badUsage("--text: no such file: " + text);
    }
    if (data != null && !Files.isDirectory(data)) {
      throw output.badUsage("--data: no such folder: " + data);
    }
    try {
      List<Strategy> known = Strategy.named(strategies);
      if (known.stream().noneMatch(s -> s.name().equals(Strategy.NONE))) {
        throw output.badUsage("--strategies needs none, which drops are counted from");
      }
      return new Campaign(
          new CampaignSubjects(data, images, text, tokens).load(networks, scope),
          known,
          rates,
          seeds,
          exact);
    } catch (IllegalArgumentException | CampaignSubjects.BadFolderException e) {
      throw output.badUsage(String.valueOf(e.getMessage()));
    }
  }

  private CampaignConfig config(Campaign campaign) {
    return new CampaignConfig(
        networks.stream().map(n -> String.valueOf(Path.of(n).getFileName())).toList(),
        campaign.strategies().stream().map(Strategy::name).toList(),
        campaign.rates(),
        seeds,
        exact,
        images,
        tokens);
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String network : networks) {
      files.add(CampaignSubjects.folder(network));
    }
    if (data != null) {
      files.add(data);
    }
    if (text != null) {
      files.add(text);
    }
    return files;
  }

  private RunDirectory directory(Path folder, CampaignConfig config, List<Path> files)
      throws IOException {
    if (!resume || !Files.exists(folder.resolve("run.json"))) {
      return RunDirectory.create(folder, new RunDirectory.Setup(output.typed(), 0, config, files));
    }
    RunRecord before = RunRecord.read(folder);
    CampaignConfig then = before.config(CampaignConfig.class);
    if (!then.equals(config)) {
      throw output.badUsage(
          "the run in " + folder + " is of other settings: " + then + ", not " + config);
    }
    List<String> read = before.facts().data().stream().map(DataFile::sha256).toList();
    if (!read.equals(DataFile.of(files).stream().map(DataFile::sha256).toList())) {
      throw output.badUsage("the run in " + folder + " is of other files: they have changed");
    }
    return RunDirectory.resume(folder, 0);
  }

  private Results run(Campaign campaign, TrialLog log) {
    long total = campaign.plan().size();
    long known = campaign.plan().stream().filter(t -> log.find(t).isPresent()).count();
    try (ThreadWorkers workers = new ThreadWorkers(threads);
        Progress progress = Progress.start("campaign", "trials", known, total)) {
      Shown shown = new Shown(progress, known);
      return campaign.run(workers, log, shown::step);
    }
  }

  /** Counts trials for people; called from several threads. */
  private static final class Shown {
    private final Progress progress;
    private long done;

    Shown(Progress progress, long done) {
      this.progress = progress;
      this.done = done;
    }

    synchronized void step(TrialResult result) {
      progress.step(++done, result.trial().network() + " " + result.trial().strategy());
    }
  }

  private Map<String, String> facts(Campaign campaign) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Trials", String.valueOf(campaign.plan().size()));
    facts.put(
        "Faults",
        exact
            ? "rate x bits of memory, rounded down, at places drawn without replacement"
            : "each bit of memory by itself");
    facts.put("Fault seeds", "0 to " + (seeds - 1));
    facts.put("Beyond repair", "words are kept as they are; the posterior mean where -mean says");
    return facts;
  }

  private Path folder() {
    if (out != null) {
      return out;
    }
    return Path.of(
        "runs",
        LocalDateTime.now(ZoneId.systemDefault())
            .format(DateTimeFormatter.ofPattern("'campaign'-yyyyMMdd-HHmmss")));
  }
}
