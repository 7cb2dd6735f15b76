package ai.kindred.examples.adapters;

import ai.kindred.core.kernel.Key;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The rank p of an expert of MoDE, after tables 4 and 5 of the paper: varied alone, which makes
 * routers cheaper as p grows, and at equal parameters, where larger p buys more experts.
 *
 * @param shapes m x r of which p is varied alone
 * @param ranks r of the shapes at equal parameters
 */
record ExpertRank(List<Sizes> shapes, List<Integer> ranks) implements Experiment {

  /** Experts and rank. */
  record Sizes(int m, int r) {

    private static final Pattern SIZES = Pattern.compile("([1-9][0-9]{0,3})x([1-9][0-9]{0,3})");

    /**
     * Reads "4x8".
     *
     * @throws IllegalArgumentException if it is not of this form
     */
    static Sizes parse(String text) {
      Matcher sizes = SIZES.matcher(text);
      if (!sizes.matches()) {
        throw new IllegalArgumentException(
            "a shape is experts x rank, such as 4x8, not \"" + text + "\"");
      }
      return new Sizes(Integer.parseInt(sizes.group(1)), Integer.parseInt(sizes.group(2)));
    }
  }

  ExpertRank {
    shapes = List.copyOf(shapes);
    ranks = List.copyOf(ranks);
    for (int r : ranks) {
      if (r < 1) {
        throw new IllegalArgumentException("a rank is at least 1, not " + r);
      }
    }
    if (new HashSet<>(shapes).size() < shapes.size()
        || new HashSet<>(ranks).size() < ranks.size()) {
      throw new IllegalArgumentException("a shape or a rank comes twice: " + shapes + ", " + ranks);
    }
  }

  @Override
  public String name() {
    return "expert-rank";
  }

  private static String alone(Sizes sizes) {
    return "p alone, " + sizes.m() + "x" + sizes.r();
  }

  private static String equal(int budget, int r) {
    return "budget of LoRA " + budget + ", r " + r;
  }

  /** Divisors of a rank, the greatest first: the greatest is MoLORA-SD. */
  private static List<Integer> divisors(int r) {
    return IntStream.rangeClosed(1, r)
        .filter(p -> r % p == 0)
        .boxed()
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  @Override
  public List<Trial> plan(Setting setting) {
    List<Trial> plan = new ArrayList<>();
    for (long seed : setting.config().seeds()) {
      for (Sizes s : shapes) {
        for (int p : divisors(s.r())) {
          plan.add(setting.trial(alone(s), new Shape(Method.MODE, s.m(), s.r(), p), seed));
        }
      }
      for (int rank : setting.config().budgets()) {
        Budget budget = setting.budget(rank);
        for (int r : ranks) {
          for (int p : divisors(r)) {
            plan.add(setting.trial(equal(rank, r), budget.closest(r, p), seed));
          }
        }
      }
    }
    return plan;
  }

  @Override
  public Findings findings(Setting setting, List<TrialResult> results) {
    Key key = Key.of(setting.config().seeds().get(0)).fold("findings");
    Findings findings =
        new Findings("The rank of an expert")
            .text(Tables.EXPLAINED)
            .text("m x r x p: m experts a slot, rank r, experts of rank p (1 where none is told).");
    findings.heading("p varied alone");
    for (Sizes s : shapes) {
      Shape largest = new Shape(Method.MODE, s.m(), s.r(), s.r());
      long least = setting.budget(1).parameters(largest);
      section(findings, setting, results, alone(s), "more than the first, %", least, key);
    }
    findings.heading("p varied at equal parameters");
    for (int rank : setting.config().budgets()) {
      long budget = setting.budget(rank).parameters();
      ranks.forEach(
          r -> section(findings, setting, results, equal(rank, r), "off budget, %", budget, key));
    }
    return findings;
  }

  private static void section(
      Findings findings,
      Setting setting,
      List<TrialResult> results,
      String group,
      String off,
      long parameters,
      Key key) {
    Tables tables = new Tables(setting.seen(), key.fold(group));
    List<Measured> methods = Measured.of(results, group);
    List<Measured> others = methods.subList(1, methods.size());
    List<Duel> duels =
        others.stream()
            .map(m -> Duel.of(m, methods.get(0), setting.seen(), key.fold(group).fold(m.method())))
            .toList();
    findings.table(group, tables.methods(methods, off, parameters));
    if (!duels.isEmpty()) {
      findings.table(group + ", each against the largest p", Tables.table(duels));
    }
    findings.plot(group, tables.bars(group, methods));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("methods", tables.figures(methods));
    figures.put("pairs", duels.stream().map(Duel::figures).toList());
    findings.figure(group, figures);
  }
}
