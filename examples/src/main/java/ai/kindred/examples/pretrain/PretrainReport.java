package ai.kindred.examples.pretrain;

import ai.kindred.core.io.AtomicFiles;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.HtmlReport;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.RunFacts;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.report.Table;
import ai.kindred.core.train.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A pretraining run for people: a page, the model's README and lines for the terminal.
 *
 * @param run the run as it was written down
 * @param config what it was asked
 * @param parameters number of weights
 * @param results what the model has learnt
 */
record PretrainReport(
    RunRecord run, PretrainConfig config, long parameters, Evaluation.Results results) {

  private static final int SMOOTHING = 25;

  void writeHtml(Path file) throws IOException {
    HtmlReport page =
        new HtmlReport("Pretraining of a tiny language model", run.facts().origin())
            .facts(run.facts())
            .fact("Parameters", String.format(Locale.ROOT, "%,d", parameters))
            .fact("Training", training())
            .heading("Loss")
            .plot("Loss in nats a token, training batches", losses())
            .table("Held-out loss in nats a token, 95 % intervals over documents", kinds())
            .table("Held-out loss by place in long documents, nats a token", places())
            .heading("What it knows and does")
            .table("Right answers in percent, 95 % intervals over cases", accuracies())
            .heading("Samples: greedy continuations of held-out prompts");
    for (Evaluation.Sample sample : results.samples()) {
      page.verbatim(sample.prompt() + " >>>" + sample.text());
    }
    page.write(file);
  }

  void writeReadme(Path file) throws IOException {
    RunFacts facts = run.facts();
    AtomicFiles.writeString(
        file,
        String.format(
            Locale.ROOT,
            """
            # kindred-tiny

            A language model of %,d parameters (Llama architecture, bfloat16) for tests and examples of
            Kindred. It was trained by Kindred alone, on text that Kindred generates: films and users of
            a made world, plain sentences, and small instructions. It knows nothing of the real world.

            - Command: `%s`
            - Seed: %d
            - Start: drawn weights, with an induction head built into the first two layers (`StartingWeights`)
            - Training: %s
            - Left out of the text: every input of the built-in suite's held-out instances
            - Context: %d tokens
            - Held-out loss: %.3f nats a token (a unigram model: %.3f)

            Documents end with `<|endoftext|>` (id 0); chats are ChatML. The same command and seed give
            the same model up to floating-point differences of machines.

            ## Held-out loss, nats a token

            %s
            By place in long documents:

            %s
            ## Right answers in percent, with 95 %% intervals

            %s
            Questions show four options, and the option whose words are the likeliest to follow "Answer:"
            counts (letters mean nothing to this model). Instructions are those of held-out documents,
            mostly with answered inputs before; chance is copying the input.
            """,
            parameters,
            facts.command(),
            facts.seed(),
            training(),
            config.context(),
            results.loss(),
            results.unigram(),
            kinds().markdown(),
            places().markdown(),
            accuracies().markdown()));
  }

  /** The main figures as text for a terminal. */
  String text() {
    return String.format(
            Locale.ROOT,
            "%,d parameters; %s%nheld-out loss %.3f nats a token, unigram %.3f%n%n",
            parameters,
            training(),
            results.loss(),
            results.unigram())
        + kinds().text()
        + "\n"
        + accuracies().text()
        + "\n";
  }

  private Plot losses() {
    return new Plot.Lines(
        "Loss",
        "step",
        "nats a token",
        List.of(
            new Plot.Curve("training", run.curve("train", "loss").points()),
            new Plot.Curve("held out", run.curve("eval", "loss").points())),
        SMOOTHING);
  }

  /** Steps, tokens and time, as far as they are written down. */
  private String training() {
    List<Event> steps = run.events("train");
    double tokens = 0;
    double seconds = 0;
    for (Event e : steps) {
      // Examples over examples a second is the time of a step.
      double time = config.documents() / e.number("examples_per_second");
      seconds += time;
      tokens += e.number("tokens_per_second") * time;
    }
    return String.format(
        Locale.ROOT,
        "%,d steps of %d documents, one in %d a long history; %.2f million tokens in %.0f minutes",
        config.steps(),
        config.documents(),
        config.longEvery(),
        tokens / 1e6,
        seconds / 60);
  }

  private Table kinds() {
    Table table =
        Table.of(
            Column.text("documents"),
            Column.number("number", 0),
            Column.number("tokens", 0),
            Column.number("loss", 3),
            Column.number("unigram", 3));
    for (Evaluation.KindLoss kind : results.kinds()) {
      table = table.row(kind.kind(), kind.documents(), kind.tokens(), kind.loss(), kind.unigram());
    }
    return table;
  }

  private Table places() {
    Table table =
        Table.of(Column.text("tokens"), Column.number("number", 0), Column.number("loss", 3));
    for (Evaluation.PlaceLoss place : results.places()) {
      table = table.row(place.from() + " to " + place.to(), place.tokens(), place.loss());
    }
    return table;
  }

  private Table accuracies() {
    Table table =
        Table.of(
            Column.text("asked"),
            Column.number("cases", 0),
            Column.number("right", 1),
            Column.number("chance", 1));
    for (Evaluation.Accuracy a : results.accuracies()) {
      table = table.row(a.name(), a.cases(), a.right().times(100), 100 * a.chance());
    }
    return table;
  }
}
