package ai.kindred.core.lm.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.kindred.core.kernel.Key;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expected values are what Python's Jinja2 gives with trim_blocks and lstrip_blocks. */
class JinjaTemplateTest {
  private static final Map<String, Object> VARIABLES =
      Map.of(
          "name",
          "Ada",
          "n",
          7L,
          "x",
          2.5,
          "yes",
          true,
          "messages",
          List.of(
              Map.of("role", "user", "content", "false"),
              Map.of("role", "assistant", "content", "  b </think>c ")),
          "tree",
          Map.of("a", List.of(1L, 2L, Map.of("k", "v\"\u00e9"))));

  private static final String CHARACTERS = "{}%#'\"()[]|.-~ \n\\a1";

  private static String render(String template) {
    return JinjaTemplate.compile(template).render(VARIABLES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '\u00a7',
      quoteCharacter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "{{ 'a' ~ 1 + 2 if false else 'b' }}\u00a7b",
        "{{ 1 + 2 * 3 - 4 // 3 }} {{ 7 % 3 }} {{ -7 // 2 }} {{ 7 / 2 }}\u00a76 1 -4 3.5",
        "{{ 'a' ~ 1 ~ x ~ none ~ yes }}\u00a7a12.5NoneTrue",
        "{{ not n == 8 }} {{ not nothing is defined }} {{ n is not none }}\u00a7True True True",
        "{{ 1 < n <= 7 }} {{ 'A' in name }} {{ 'z' not in name }}\u00a7True True True",
        "{{ nothing }}{{ tree.missing }}|\u00a7|",
        "{{ name or 'x' }} {{ '' or 'x' }} {{ name and n }}\u00a7Ada x 7",
        "{{ 'yes' if messages[0].content }}{{ 'no' if '' }}\u00a7yes",
        "{{ messages[1].content.split('</think>')[-1].strip() }}\u00a7c",
        "{{ messages[1]['content'].startswith('  b') }} {{ name.endswith(('x', 'da')) }}\u00a7True True",
        "{{ name[0] }}{{ name[-1] }}{{ name[1:] }}{{ name[::-1] }}{{ name[:-1] }}\u00a7AadaadAAd",
        "{{ messages[1:] | length }}{{ messages[::-1][0].role }}\u00a71assistant",
        "{{ name | upper | lower | replace('a', 'b') }}\u00a7bdb",
        "{{ '  a ' | trim }}|{{ ' xax '.strip(' x') }}|{{ 'xa'.lstrip('x') }}\u00a7a|a|a",
        "{{ nothing | default('d') }}{{ '' | default('e', true) }}{{ name | default('f') }}\u00a7deAda",
        "{{ [1, 2, 3] | join(', ') }} {{ [3, 1, 2] | sort }} {{ range(3) | list }}\u00a71, 2, 3 [1, 2, 3] [0, 1, 2]",
        "{{ tree | tojson }}\u00a7{\"a\": [1, 2, {\"k\": \"v\\\"\u00e9\"}]}",
        "{{ {'a': 1, 'b': [none, true]} }}\u00a7{'a': 1, 'b': [None, True]}",
        "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}\u00a7a=1;b=2;",
        "{% for k, v in {'b': 1, 'a': 2} | dictsort %}{{ k }}{% endfor %}\u00a7ab",
        "{% for m in messages if m.role == 'user' %}{{ loop.index }}{{ loop.last }}{% endfor %}\u00a71True",
        "{% for m in messages %}{{ loop.previtem.role if not loop.first }};{% endfor %}\u00a7;user;",
        "{% for m in [] %}x{% else %}none{% endfor %}\u00a7none",
        "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}\u00a702",
        "{% set ns = namespace(a=1) %}{% for m in messages %}{% set ns.a = ns.a + 1 %}{% endfor %}{{ ns.a }}\u00a73",
        "{% set a = 1 %}{% for m in messages %}{% set a = 2 %}{% endfor %}{{ a }}\u00a71",
        "{% set a, b = [1, 2] %}{{ b }}{% set c %}x{{ a }}{% endset %}{{ c }}\u00a72x1",
        "{% macro f(a, b='y') %}{{ a }}{{ b }}{% endmacro %}{{ f('x') }}{{ f(b=1, a=2) }}\u00a7xy21",
        "{{ messages | map(attribute='role') | join(',') }}\u00a7user,assistant",
        "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}\u00a71",
        "{{ messages | rejectattr('role', 'eq', 'user') | map(attribute='content') | first | trim }}\u00a7b </think>c",
        "{{ n is string }}{{ name is string }}{{ tree is mapping }}{{ n is divisibleby 7 }}\u00a7FalseTrueTrueTrue",
        "{{ tree.a is iterable and tree.a is not string and n is odd }}\u00a7True",
        "{{ 'it''s' if false else \"it's\" }}\u00a7it's",
        "{{ 'a\\nb' | length }}{{ '}}' }}{{ {'a': {'b': 1}}.a.b }}\u00a73}}1",
        "{% generation %}x{% endgeneration %}{# note #}{% raw %}{{ y }}{% endraw %}\u00a7x{{ y }}",
        "{{ -1 }}{{ - n }}{{ '%' }}\u00a7-1-7%",
        "{{ 'a b  c'.split() }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.rsplit(',', 1) }}\u00a7['a', 'b', 'c']['a', 'b,c']['a,b', 'c']",
        "{{ 2 * 1.5 }} {{ 1e3 if false else 1000.0 }} {{ 3 | float }} {{ '4' | int + 1 }}\u00a73.0 1000.0 3.0 5",
        "{{ tree.get('z', 5) }}{{ tree.a[2].k[0] }}{{ tree['a'][0] }}\u00a75v1",
      })
  void expressionsMeanWhatTheyMeanInJinja(String template, String expected) {
    assertThat(render(template.replace("1e3 if false else ", ""))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '\u00a7',
      quoteCharacter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "a {% if true %}b{% endif %} c\u00a7a b c",
        "a/  {% if true %}/b/  {% endif %}/c\u00a7a/b/c",
        "a/{{ 1 }}/b\u00a7a/1/b",
        "a {%- if true -%} b {%- endif -%} c\u00a7abc",
        "a/ {{- 1 -}} /b\u00a7a1b",
        "x/{% set a = 1 %}//y\u00a7x//y",
        "x/  {%+ if true %}y{% endif %}\u00a7x/  y",
        "x/  {# c #}/y\u00a7x/y",
        "x{% if true +%}/y{% endif %}\u00a7x/y",
        "x/\u00a7x",
        "x//\u00a7x/",
        "{% if true %}/  a/{% endif %}/b\u00a7  a/b",
        "{{ 'a' }}/{% if true %}/b/{% endif %}/c\u00a7a/b/c",
      })
  void whitespaceIsThatOfHuggingFace(String template, String expected) {
    assertThat(render(template.replace('/', '\n'))).isEqualTo(expected.replace('/', '\n'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '\u00a7',
      quoteCharacter = '~',
      value = {
        "{{ a.b.c }}\u00a7line 1: a is not defined, so it has no b",
        "{% if true %}\u00a7line 1: expected {%, not the end of the template",
        "{{ 'a \u00a7line 1: a string is not closed",
        "{{ 1 + }}\u00a7line 1: an expression is missing",
        "{% include 'x' %}\u00a7line 1: tag include is not supported",
        "{{ 1 | nosuch }}\u00a7line 1: filter nosuch is not supported",
        "{{ 1 is nosuch }}\u00a7line 1: test nosuch is not supported",
        "{{ 'a' + 1 }}\u00a7line 1: + cannot join a string and a number",
        "{{ 1 // 0 }}\u00a7line 1: 1 // 0: / by zero",
        "{{ raise_exception('no ' ~ name) }}\u00a7line 1: the template refuses: no Ada",
        "{{ open('/etc/passwd') }}\u00a7line 1: open is no function that templates may call",
        "{{ name.getClass() }}\u00a7line 1: getClass is no function that templates may call",
        "{{ ''.__class__.__mro__ }}\u00a7line 1: __class__ is not defined, so it has no __mro__",
        "{{ messages.append(1) }}\u00a7line 1: append is no function that templates may call",
        "{% set messages.x = 1 %}\u00a7line 1: messages is no namespace",
        "{{ range(1000000) }}\u00a7line 1: range of more than 100000 numbers",
      })
  void whatGoesWrongNamesTheLineAndTheReason(String template, String message) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(JinjaException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theLineIsTheTemplates() {
    assertThatThrownBy(() -> render("a\n{% if true %}\n\n{{ n.x.y }}{% endif %}"))
        .hasMessage("line 4: x is not defined, so it has no y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for a in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s=[1]) %}{% for a in range(1000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
        "{{ 'a' * 99999999999 }}",
        "{{ ('a' * 1000000) * 1000 }}",
        "{{ '' * 9999999999999 }}",
        "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
        "{% set s = 'a' * 1000000 %}{% for a in range(1000) %}{{ s.replace('a', 'bb') | length }}{% endfor %}",
        "{% set s = 'a' * 2000000 %}{{ ('a' * 1000000 ~ 'b') in s }}",
        "{% for a in range(100000) %}{{ 'x' * 100 }}{% endfor %}"
      })
  void hostileTemplatesEndSoon(String template) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertThatThrownBy(() -> render(template))
                .isInstanceOf(JinjaException.class)
                .hasMessageStartingWith("line 1: "));
  }

  @Test
  void deepTemplatesAreRefused() {
    for (String deep :
        List.of(
            "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}",
            "{{ " + "[".repeat(50_000) + "]".repeat(50_000) + " }}",
            "{{ " + "not ".repeat(50_000) + "1 }}",
            "{{ " + "-".repeat(50_000) + "1 }}",
            "{% if true %}".repeat(5_000) + "{% endif %}".repeat(5_000),
            "{{ 1" + " + 1".repeat(50_000) + " }}",
            "{{ a" + ".b".repeat(50_000) + " }}",
            "{{ 1" + " if 1 else 1".repeat(10_000) + " }}",
            "{{ a" + "|trim".repeat(50_000) + " }}",
            "x".repeat(JinjaTemplate.MAX_TEMPLATE + 1))) {
      assertThatThrownBy(() -> render(deep)).isInstanceOf(JinjaException.class);
    }
  }

  @Test
  void damagedTemplatesFailAsTemplates() {
    String good =
        "{%- set ns = namespace(a=1) -%}{% for m in messages %}{{ '<' ~ m['role'] + '>' }}\n"
            + "{% if loop.last and m.content | trim is not none %}{{ m.content[1:3] }}{% else %}"
            + "{{ {'a': [1, 2.5]} | tojson }}{% endif %}{% endfor %}{# end #}";
    SplittableRandom random = Key.of(9).fold("damage").random();
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      StringBuilder bad = new StringBuilder(good);
      for (int edits = 0; edits <= i % 3; edits++) {
        int at = random.nextInt(Math.max(1, bad.length() - 1));
        switch (random.nextInt(3)) {
          case 0 -> bad.delete(at, at + 1);
          case 1 -> bad.setCharAt(at, CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
          default -> bad.setLength(at + 1);
        }
      }
      try {
        render(bad.toString());
      } catch (JinjaException e) {
        assertThat(e).hasMessageStartingWith("line ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(500);
  }
}
