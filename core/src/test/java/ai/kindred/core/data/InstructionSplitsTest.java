package ai.kindred.core.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.config.Configs;
import ai.kindred.core.data.InstructionSplits.Ids;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.data.SplitSizes.Counts;
import ai.kindred.core.data.SplitSizes.Shares;
import ai.kindred.core.kernel.Key;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InstructionSplitsTest {
  private static final Key KEY = Key.of(5);

  @Test
  void noInputIsInTwoSplits() {
    InstructionTask task = task("t", 300, 40);
    for (int trial = 0; trial < 50; trial++) {
      InstructionSplits splits =
          InstructionSplits.of(List.of(task), new Shares(0.7, 0.1, 0.2), KEY.fold(trial));
      Set<String> train = inputs(splits.train(task));
      Set<String> validation = inputs(splits.validation(task));
      Set<String> heldOut = inputs(splits.heldOut(task));
      assertThat(train).doesNotContainAnyElementsOf(validation);
      assertThat(train).doesNotContainAnyElementsOf(heldOut);
      assertThat(validation).doesNotContainAnyElementsOf(heldOut);
      assertThat(splits.heldOut(task)).hasSizeBetween(50, 60);
    }
  }

  @Test
  void countsAreExactAndTrainingTakesTheRest() {
    InstructionTask task = task("t", 100, 100);
    InstructionSplits splits =
        InstructionSplits.of(List.of(task), new Counts(Integer.MAX_VALUE, 10, 50), KEY);
    assertThat(splits.heldOut(task)).hasSize(50);
    assertThat(splits.validation(task)).hasSize(10);
    assertThat(splits.train(task)).hasSize(40);
    assertThat(InstructionSplits.of(List.of(task), new Counts(7, 0, 0), KEY).train(task))
        .hasSize(7);
  }

  @Test
  void aTaskIsSplitTheSameWhateverStandsBesideIt() {
    InstructionTask a = task("a", 60, 60);
    InstructionTask b = task("b", 60, 60);
    Counts counts = new Counts(30, 5, 20);
    InstructionSplits both = InstructionSplits.of(List.of(b, a), counts, KEY);
    InstructionSplits alone = InstructionSplits.of(List.of(a), counts, KEY);
    assertThat(both.heldOut(a)).isEqualTo(alone.heldOut(a));
    assertThat(ids(both.heldOut(a))).isNotEqualTo(ids(both.heldOut(b)));
    assertThat(InstructionSplits.of(List.of(a), counts, Key.of(6)).heldOut(a))
        .isNotEqualTo(alone.heldOut(a));
  }

  @Test
  void everyInstanceIsHeldOutAboutEquallyOften() {
    InstructionTask task = task("t", 10, 10);
    int[] times = new int[10];
    for (int trial = 0; trial < 3000; trial++) {
      InstructionSplits splits =
          InstructionSplits.of(List.of(task), new Counts(5, 0, 3), KEY.fold(trial));
      splits.heldOut(task).forEach(instance -> times[Integer.parseInt(instance.id())]++);
    }
    // 900 each, standard deviation about 25.
    assertThat(Arrays.stream(times).boxed()).allSatisfy(n -> assertThat(n).isBetween(800, 1000));
  }

  @Test
  void theRecordGivesTheSplitBack() throws IOException {
    InstructionTask task = task("t", 40, 30);
    InstructionSplits splits = InstructionSplits.of(List.of(task), new Shares(0.5, 0.2, 0.3), KEY);
    InstructionSplits read =
        Configs.parse(InstructionSplits.class, Configs.toJson(splits), "the run record");
    assertThat(read).isEqualTo(splits);
    assertThat(read.train(task)).isEqualTo(splits.train(task));
  }

  @Test
  void refusesWhatCannotBeSplit() {
    InstructionTask task = task("t", 20, 10);
    assertThatThrownBy(
            () -> InstructionSplits.of(List.of(task), new Counts(Integer.MAX_VALUE, 0, 50), KEY))
        .hasMessage(
            "task t has 20 instances with 10 different inputs, too few for 50 held-out, 0"
                + " validation and at least one training instance");
    assertThatThrownBy(() -> InstructionSplits.of(List.of(task), new Counts(1, 0, 20), KEY))
        .hasMessageContaining("at least one training instance");
    assertThatThrownBy(() -> new Shares(0.9, 0.1, 0.1)).hasMessageContaining("sum to at most 1");
    assertThatThrownBy(() -> new Counts(-1, 0, 0)).hasMessageContaining("train -1");
    assertThatThrownBy(() -> new Ids(List.of("a"), List.of(), List.of("a")))
        .hasMessage("instance a is in the splits twice");
    InstructionSplits other =
        new InstructionSplits(Map.of("t", new Ids(List.of("zz"), List.of(), List.of())));
    assertThatThrownBy(() -> other.train(task))
        .hasMessage("task t has no instance zz: the splits were made from other data");
    assertThatThrownBy(() -> other.train(task("u", 5, 5)))
        .hasMessage("the splits have no task u, only [t]");
  }

  /** Instances 0 to n-1 over fewer inputs, which also differ in white space. */
  private static InstructionTask task(String name, int n, int inputs) {
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      String input = "input " + " ".repeat(i / inputs) + i % inputs;
      instances.add(new Instance(Integer.toString(i), input, List.of("out")));
    }
    return InstructionTask.of(name, "d", List.of(), instances);
  }

  private static Set<String> inputs(List<Instance> instances) {
    Set<String> inputs = new HashSet<>();
    instances.forEach(instance -> inputs.add(instance.input().replaceAll(" +", " ")));
    return inputs;
  }

  private static List<String> ids(List<Instance> instances) {
    return instances.stream().map(Instance::id).toList();
  }
}
