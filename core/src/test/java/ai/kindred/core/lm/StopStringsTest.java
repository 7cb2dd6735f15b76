package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.kindred.core.kernel.Key;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StopStringsTest {

  /** Short words over two letters, so that beginnings of stop strings abound. */
  private static String word(SplittableRandom random, int length) {
    return random
        .ints(length, 0, 2)
        .mapToObj(i -> i == 0 ? "a" : "b")
        .collect(Collectors.joining());
  }

  @Test
  void aTextIsCutBeforeTheFirstStopStringHoweverItComes() {
    SplittableRandom random = Key.of(1).fold("stops").random();
    int found = 0;
    for (int run = 0; run < 3000; run++) {
      String text = word(random, random.nextInt(30));
      String stop = word(random, 1 + random.nextInt(6));
      StopStrings stops = new StopStrings(List.of(stop));
      StringBuilder given = new StringBuilder();
      int at = 0;
      while (at < text.length()) {
        int end = Math.min(text.length(), at + random.nextInt(5));
        given.append(stops.push(text.substring(at, end)));
        at = end;
        assertThat(text).startsWith(given);
      }
      int first = text.indexOf(stop);
      assertThat(stops.found()).isEqualTo(first >= 0);
      given.append(stops.finish());
      assertThat(given.toString()).isEqualTo(first < 0 ? text : text.substring(0, first));
      found += first >= 0 ? 1 : 0;
    }
    assertThat(found).isBetween(500, 2900);
  }

  @Test
  void ofSeveralTheFirstToBeCompleteCounts() {
    StopStrings stops = new StopStrings(List.of("User:", "\n\n"));
    assertThat(stops.push("Hello\n")).isEqualTo("Hello");
    assertThat(stops.push("U")).isEqualTo("\n");
    assertThat(stops.push("se")).isEmpty();
    assertThat(stops.push("d \n\nUser:")).isEqualTo("Used ");
    assertThat(stops.found()).isTrue();
    assertThat(stops.push("more")).isEmpty();
    assertThat(stops.finish()).isEmpty();
  }

  @Test
  void emptyStopStringsAreRefused() {
    assertThatThrownBy(() -> new StopStrings(List.of("a", "")))
        .hasMessage("a stop string is empty; it needs at least one character");
  }
}
