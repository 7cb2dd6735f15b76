package ai.kindred.core.lm;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearRegexTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        // GPT-2
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        // Llama 3
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        // Qwen2 and Qwen3
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        // Mistral's tekken
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|"
            + "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|"
            + "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "\\d{1,3}",
        " ",
        ""
      })
  void publishedPatternsPass(String pattern) {
    assertThatCode(() -> LinearRegex.check("x", pattern)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+b",
        "(?:a|a)*b",
        "a*a*b",
        "a+b",
        "\\s+(?!\\S)",
        "\\s*[\\r\\n]+",
        "(a)\\1",
        "(?<n>a)\\k<n>",
        "a{2,}b",
        "a{1,99}a{1,99}",
        "a?a?a?a?a?a?a?a?a?aaa",
        "a**",
        "(?!a*)b",
        "[a",
        "(a",
        "a)",
        "\\",
        "a{9999}",
        "((((((((((a))))))))))",
        "(?(1)a|b)"
      })
  void whatCouldBacktrackWithoutBoundIsRefused(String pattern) {
    assertThatThrownBy(() -> LinearRegex.check("pre_tokenizer", pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("pre_tokenizer: pattern ");
  }
}
