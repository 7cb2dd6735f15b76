package ai.kindred.examples.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.core.data.InstructionTask;
import ai.kindred.core.data.InstructionTask.Instance;
import ai.kindred.core.kernel.Key;
import ai.kindred.examples.suite.BuiltInSuite;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PretrainingTextTest {

  private static final BuiltInSuite SUITE = BuiltInSuite.make();
  private static final PretrainingText TEXT =
      new PretrainingText(Key.of(1), ExcludedText.inputsOf(SUITE.heldOut()));
  private static final List<Document> DOCUMENTS = TEXT.documents(0).limit(6_000).toList();

  @Test
  void documentsAreAPureFunctionOfKeyAndNumber() {
    PretrainingText again = new PretrainingText(Key.of(1), ExcludedText.inputsOf(SUITE.heldOut()));
    PretrainingText other = new PretrainingText(Key.of(2), ExcludedText.inputsOf(SUITE.heldOut()));

    assertThat(again.document(5_999)).isEqualTo(DOCUMENTS.get(5_999));
    assertThat(again.documents(100).limit(50)).isEqualTo(DOCUMENTS.subList(100, 150));
    assertThat(other.document(0)).isNotEqualTo(DOCUMENTS.get(0));
    assertThat(again.document(Long.MAX_VALUE).text()).isNotBlank();
    assertThatThrownBy(() -> TEXT.document(-1)).hasMessage("Document index is -1, not 0 or more");
  }

  @Test
  void kindsHaveTheirSharesAndDocumentsDiffer() {
    Map<Document.Kind, Integer> counts = new EnumMap<>(Document.Kind.class);
    DOCUMENTS.forEach(d -> counts.merge(d.kind(), 1, Integer::sum));
    for (Document.Kind kind : Document.Kind.values()) {
      // Three standard errors of a share of 6,000 are at most 0.018.
      assertThat(counts.getOrDefault(kind, 0) / 6_000.0)
          .as(kind.name())
          .isCloseTo(kind.percent() / 100.0, within(0.018));
    }
    assertThat(DOCUMENTS.stream().map(Document::text).distinct()).hasSizeGreaterThan(5_900);
    assertThat(DOCUMENTS).noneMatch(d -> d.text().contains("%"));
  }

  /** Looks for every held-out input in all the text, by another way than the filter's. */
  @Test
  void noHeldOutInputIsInTheText() {
    String all =
        DOCUMENTS.stream().map(d -> bare(d.text())).collect(Collectors.joining(" # ", " ", " "));
    for (Instance instance : SUITE.heldOut()) {
      assertThat(all.contains(" " + bare(instance.input()) + " "))
          .as("%s: %s", instance.id(), instance.input())
          .isFalse();
    }
  }

  @Test
  void noDefinitionOfTheSuiteIsInTheText() {
    Set<String> definitions =
        SUITE.tasks().stream().map(t -> bare(t.definition())).collect(Collectors.toSet());
    for (Transformation transformation : Instructions.all()) {
      assertThat(transformation.definitions().stream().map(PretrainingTextTest::bare))
          .doesNotContainAnyElementsOf(definitions);
    }
  }

  @Test
  void heldOutInputsAreFoundHoweverTheyAreWritten() {
    ExcludedText excluded = ExcludedText.inputsOf(SUITE.heldOut());
    for (Instance instance : SUITE.heldOut()) {
      String shouted = instance.input().toUpperCase(Locale.ROOT).replace(" ", "\n ... ");
      assertThat(excluded.find("Before. " + instance.input() + ", after")).isPresent();
      assertThat(excluded.find(shouted)).isPresent();
    }
  }

  @Test
  void filterFindsWholeWordsOnly() {
    ExcludedText excluded =
        ExcludedText.inputsOf(
            List.of(instance("The Sting (1973)"), instance("The Sting of a Bee"), instance("A b")));

    assertThat(excluded.find("the sting 1973")).contains("the sting 1973");
    assertThat(excluded.find("It was The Sting, of a bee!")).contains("the sting of a bee");
    assertThat(excluded.find("a-b")).contains("a b");
    assertThat(excluded.find("The Sting (19735)")).isEmpty();
    assertThat(excluded.find("bathe sting 1973")).isEmpty();
    assertThat(excluded.find("the sting of a beech")).isEmpty();
    assertThat(excluded.find("a")).isEmpty();
    assertThat(excluded.find("")).isEmpty();
    assertThatThrownBy(() -> ExcludedText.inputsOf(List.of(instance("Heat!"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Instance id has the input \"Heat!\", too short to be excluded: two words at least");
  }

  @Test
  void excludedDocumentsAreDrawnAnew() {
    PretrainingText free = new PretrainingText(Key.of(1), ExcludedText.inputsOf(List.of()));
    Document first = free.document(0);
    PretrainingText without =
        new PretrainingText(Key.of(1), ExcludedText.inputsOf(List.of(instance(first.text()))));

    assertThat(without.document(0)).isNotEqualTo(first);
    assertThat(without.document(1)).isEqualTo(free.document(1));
  }

  @Test
  void instructionsHaveTheFormOfTheTasks() {
    Set<String> starts = new HashSet<>();
    for (Document document : DOCUMENTS) {
      if (document.kind() == Document.Kind.INSTRUCTION) {
        assertThat(document.text()).contains("\n\nInput: ").contains("\nOutput:");
        starts.add(document.text().substring(0, document.text().indexOf("\n\n")));
      }
    }
    long definitions = Instructions.all().stream().mapToLong(t -> t.definitions().size()).sum();
    assertThat((long) starts.size()).isGreaterThan(definitions);
    assertThat(Instructions.all()).hasSizeGreaterThanOrEqualTo(40);
  }

  private static Instance instance(String input) {
    return new InstructionTask.Instance("id", input, List.of("x"));
  }

  private static String bare(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{Nd}]+", " ").strip();
  }
}
