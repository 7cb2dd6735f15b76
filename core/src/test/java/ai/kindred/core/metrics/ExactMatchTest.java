package ai.kindred.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExactMatchTest {

  @Test
  void ignoresCasePunctuationAndSpacing() {
    assertThat(ExactMatch.matches(List.of("Chilean Peso"), " chilean\tpeso. ")).isTrue();
    assertThat(ExactMatch.matches(List.of("no", "e-mail"), "EMAIL")).isTrue();
    assertThat(ExactMatch.matches(List.of("the cat"), "cat")).isFalse();
    assertThat(ExactMatch.matches(List.of("3.5"), "35")).isTrue();
    assertThat(ExactMatch.matches(List.of("日本"), "日本")).isTrue();
  }

  @Test
  void normalizesAsThePythonScriptDoes() {
    // ' '.join(''.join(c for c in s.lower() if c not in string.punctuation).split())
    assertThat(ExactMatch.normalize("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")).isEmpty();
    assertThat(ExactMatch.normalize("A\u00a0 b\u001c\u2003c\u0085-\n")).isEqualTo("a b c");
    assertThat(ExactMatch.normalize("Ünïcode «quoted»")).isEqualTo("ünïcode «quoted»");
  }

  @Test
  void needsAReference() {
    assertThatThrownBy(() -> ExactMatch.matches(List.of(), "a"))
        .hasMessage("exact match needs at least one reference, the list is empty");
  }
}
