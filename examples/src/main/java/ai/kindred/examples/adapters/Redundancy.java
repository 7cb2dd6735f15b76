package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.kernel.Tree;
import ai.kindred.core.lm.LanguageModel;
import ai.kindred.core.metrics.Bootstrap;
import ai.kindred.core.metrics.Interval;
import ai.kindred.core.report.Column;
import ai.kindred.core.report.Plot;
import ai.kindred.core.report.Table;
import ai.kindred.peft.Adapters;
import ai.kindred.peft.Lora;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Whether LoRAs of different tasks learn the same down-projection: the motivating study of the MoDE
 * paper, with the control that it lacks. A LoRA is trained for each task by itself, once all from
 * the same first values and once each from its own; were the clusters of A's vectors by rank slot
 * learnt, the second would have them too, up to the numbering of slots.
 *
 * @param rank of the LoRAs
 */
record Redundancy(int rank) implements Experiment {

  private static final List<String> STARTS = List.of("same start", "own starts");
  private static final int COMPONENTS = 3;

  private static final String EXPLAINED =
      "A's rows and B's columns, one vector a rank slot. Within, between: mean cosine of vectors of"
          + " the same and of different slots, always of different tasks. Slot share: variance"
          + " between the slots' means, of all. Overlap: of the spans, mean squared cosine of"
          + " their principal angles, which does not depend on how slots are numbered. Moved:"
          + " the norm of what training added, of A by the norm of the first values, of B (first"
          + " zero) by the norm of A. Intervals: 95 % bootstrap over layers, products and seeds.";

  Redundancy {
    if (rank < 1 || rank > 1024) {
      throw new IllegalArgumentException("--rank is 1 to 1024, not " + rank);
    }
  }

  @Override
  public String name() {
    return "redundancy";
  }

  @Override
  public boolean keepsAdapters() {
    return true;
  }

  @Override
  public List<Trial> plan(Setting setting) {
    List<String> tasks = setting.seen();
    if (tasks.size() < 2) {
      throw new IllegalArgumentException(
          "adapters are compared between tasks: at least 2 are needed, not " + tasks.size());
    }
    List<Trial> plan = new ArrayList<>();
    for (long seed : setting.config().seeds()) {
      for (String start : STARTS) {
        for (int t = 0; t < tasks.size(); t++) {
          plan.add(trial(setting, start, seed, t));
        }
      }
    }
    return plan;
  }

  private Trial trial(Setting setting, String start, long seed, int task) {
    String name = setting.seen().get(task);
    long from =
        start.equals(STARTS.get(0)) ? seed : Key.of(seed).fold("own start").fold(task).seed();
    return new Trial(
        start,
        Shape.lora(rank).label(),
        name,
        Shape.lora(rank).config(setting.config().where()),
        seed,
        from,
        setting.config().steps(),
        setting.config().rate(Method.LORA),
        List.of(name),
        List.of(name));
  }

  /** One product's adapters: vectors [tasks][slots][dimension]. */
  @SuppressWarnings("ArrayRecordComponent") // a bundle for this class; nobody compares them
  private record Vectors(double[][][] a, double[][][] firstA, double[][][] b) {}

  @Override
  public Findings findings(Setting setting, List<TrialResult> results) throws IOException {
    Key key = Key.of(setting.config().seeds().get(0)).fold("findings");
    Findings findings =
        new Findings("Do tasks share down-projections?")
            .text(EXPLAINED)
            .text(
                "%d tasks, rank %d: by chance the slot share is about %.2f."
                    .formatted(
                        setting.seen().size(),
                        rank,
                        (rank - 1.0) / (setting.seen().size() * rank - 1.0)));
    Table table =
        Table.of(
            Column.text("matrix"),
            Column.text("start"),
            Column.number("within [95 %]", 2),
            Column.number("between", 2),
            Column.number("slot share", 2),
            Column.number("overlap", 2),
            Column.number("by chance", 2),
            Column.number("moved", 2));
    Map<String, Map<String, Vectors>> first = new LinkedHashMap<>();
    Map<String, List<Vectors>> all = new LinkedHashMap<>();
    for (String start : STARTS) {
      for (long seed : setting.config().seeds()) {
        Map<String, Vectors> read = read(setting, start, seed);
        first.putIfAbsent(start, read);
        all.computeIfAbsent(start, s -> new ArrayList<>()).addAll(read.values());
      }
    }
    for (Matrix matrix : Matrix.values()) {
      for (String start : STARTS) {
        Summary summary = Summary.of(matrix, all.getOrDefault(start, List.of()), key);
        table = table.row(summary.row(matrix, start));
        findings.figure(matrix.label + ", " + start, summary);
      }
    }
    findings.table("All layers and products", table);
    findings.table("Scores of each task's own adapter", scores(setting, results));
    for (String start : STARTS) {
      plots(findings, start, first.getOrDefault(start, Map.of()), setting.seen());
    }
    return findings;
  }

  /** What is compared. */
  private enum Matrix {
    A("A"),
    MOVED_A("A - first A"),
    B("B");

    private final String label;

    Matrix(String label) {
      this.label = label;
    }

    double[][][] of(Vectors v) {
      return switch (this) {
        case A -> v.a;
        case MOVED_A -> minus(v.a, v.firstA);
        case B -> v.b;
      };
    }

    double moved(Vectors v) {
      return this == B ? norm(v.b) / norm(v.a) : norm(minus(v.a, v.firstA)) / norm(v.firstA);
    }
  }

  /** Means over layers, products and seeds. */
  record Summary(
      Interval within,
      double between,
      double slotShare,
      double overlap,
      double chance,
      double moved) {

    private static Summary of(Matrix matrix, List<Vectors> all, Key key) {
      List<SlotGeometry> each = all.stream().map(v -> SlotGeometry.of(matrix.of(v))).toList();
      return new Summary(
          Bootstrap.of(key).mean(each.stream().mapToDouble(SlotGeometry::within).toArray()),
          mean(each, SlotGeometry::between),
          mean(each, SlotGeometry::slotShare),
          mean(each, SlotGeometry::overlap),
          mean(all, v -> (double) v.a[0].length / matrix.of(v)[0][0].length),
          mean(all, matrix::moved));
    }

    private Object[] row(Matrix matrix, String start) {
      return new Object[] {matrix.label, start, within, between, slotShare, overlap, chance, moved};
    }
  }

  private static <T> double mean(List<T> all, ToDoubleFunction<T> number) {
    return all.stream().mapToDouble(number).average().orElse(0);
  }

  private static double[][][] minus(double[][][] a, double[][][] b) {
    double[][][] difference = new double[a.length][][];
    for (int t = 0; t < a.length; t++) {
      difference[t] = new double[a[t].length][];
      for (int k = 0; k < a[t].length; k++) {
        difference[t][k] = a[t][k].clone();
        for (int d = 0; d < a[t][k].length; d++) {
          difference[t][k][d] -= b[t][k][d];
        }
      }
    }
    return difference;
  }

  private static double norm(double[][][] vectors) {
    double sum = 0;
    for (double[][] task : vectors) {
      for (double[] vector : task) {
        for (double x : vector) {
          sum += x * x;
        }
      }
    }
    return Math.sqrt(sum);
  }

  /** The adapters of one start and seed by product, from the run's folder. */
  @SuppressWarnings("try") // the scope works by being open
  private Map<String, Vectors> read(Setting setting, String start, long seed) throws IOException {
    int tasks = setting.seen().size();
    Map<String, Vectors> byPath = new LinkedHashMap<>();
    for (int t = 0; t < tasks; t++) {
      Trial trial = trial(setting, start, seed, t);
      try (Scope scope = Scope.open()) {
        LanguageModel tuned = Laboratory.adapter(setting.out(), trial).load(setting.base()).model();
        LanguageModel fresh =
            Adapters.add(setting.base(), trial.adapter(), Laboratory.start(trial));
        Map<String, Lora> firsts = Tree.parts(fresh, Lora.class);
        for (Map.Entry<String, Lora> e : Tree.parts(tuned, Lora.class).entrySet()) {
          Vectors v =
              byPath.computeIfAbsent(
                  e.getKey(),
                  p ->
                      new Vectors(
                          new double[tasks][][], new double[tasks][][], new double[tasks][][]));
          Lora firstLora = firsts.getOrDefault(e.getKey(), e.getValue());
          v.a[t] = rows(e.getValue().loraA().toDoubles(), rank);
          v.firstA[t] = rows(firstLora.loraA().toDoubles(), rank);
          v.b[t] = columns(e.getValue().loraB().toDoubles(), rank);
        }
      }
    }
    return byPath;
  }

  /** [r, in] as r vectors. */
  static double[][] rows(double[] values, int rank) {
    int width = values.length / rank;
    double[][] rows = new double[rank][width];
    for (int k = 0; k < rank; k++) {
      System.arraycopy(values, k * width, rows[k], 0, width);
    }
    return rows;
  }

  /** [out, r] as r vectors. */
  static double[][] columns(double[] values, int rank) {
    int width = values.length / rank;
    double[][] columns = new double[rank][width];
    for (int i = 0; i < values.length; i++) {
      columns[i % rank][i / rank] = values[i];
    }
    return columns;
  }

  private static Table scores(Setting setting, List<TrialResult> results) {
    Table table =
        Table.of(
            Column.text("task"),
            Column.number("base", 1),
            Column.number(STARTS.get(0), 1),
            Column.number(STARTS.get(1), 1));
    Measured base = Measured.baseline(results, TrialResult.BASE);
    List<Measured> starts = STARTS.stream().map(s -> Measured.of(results, s).get(0)).toList();
    for (String task : setting.seen()) {
      table = table.row(task, base.mean(task), starts.get(0).mean(task), starts.get(1).mean(task));
    }
    return table;
  }

  /** The first two components at a third and at two thirds of the layers. */
  private void plots(
      Findings findings, String start, Map<String, Vectors> vectors, List<String> tasks) {
    List<Integer> layers =
        vectors.keySet().stream().map(Redundancy::layer).distinct().sorted().toList();
    List<Integer> shown =
        List.of(layers.get(layers.size() / 3), layers.get(2 * layers.size() / 3)).stream()
            .distinct()
            .toList();
    findings.heading("Principal components, " + start);
    List<Map<String, Object>> figures = new ArrayList<>();
    vectors.forEach(
        (path, v) -> {
          if (shown.contains(layer(path))) {
            for (Matrix matrix : List.of(Matrix.A, Matrix.B)) {
              figures.add(plot(findings, path + ", " + matrix.label, matrix.of(v), tasks));
            }
          }
        });
    findings.figure("components, " + start, figures);
  }

  private Map<String, Object> plot(
      Findings findings, String name, double[][][] vectors, List<String> tasks) {
    double[][] points =
        IntStream.range(0, vectors.length * rank)
            .mapToObj(i -> vectors[i / rank][i % rank])
            .toArray(double[][]::new);
    PrincipalComponents pca = PrincipalComponents.of(points, COMPONENTS);
    List<Plot.Curve> clouds =
        IntStream.range(0, rank)
            .mapToObj(
                k ->
                    new Plot.Curve(
                        "slot " + k,
                        IntStream.range(0, vectors.length)
                            .mapToObj(t -> pca.coordinates().get(t * rank + k))
                            .map(c -> new Plot.Point(c.get(0), c.size() > 1 ? c.get(1) : 0))
                            .toList()))
            .toList();
    findings.plot(
        name + ": a point a task, " + tasks.size() + " tasks",
        new Plot.Scatter(
            name,
            "first component, %.0f %% of the variance".formatted(100 * pca.shares().get(0)),
            "second",
            clouds));
    Map<String, Object> figure = new LinkedHashMap<>();
    figure.put("product", name);
    figure.put("shares", pca.shares());
    figure.put("coordinates", pca.coordinates());
    return figure;
  }

  /** The number in a path. */
  static int layer(String path) {
    String digits = path.replaceAll("^[^0-9]*([0-9]{0,9}).*$", "$1");
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }
}
