package ai.kindred.core.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Core keeps its rules, and each rule sees the offender that is planted for it. */
class ArchitectureTest {

  private static final String CORE = "ai.kindred.core";
  private static final String PLANTED = CORE + ".architecture.planted";

  @TestFactory
  Stream<DynamicTest> coreKeeps() {
    JavaClasses core =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(CORE);
    assertThat(core).hasSizeGreaterThan(10);
    return Architecture.rules(CORE).entrySet().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.getKey(), () -> rule.getValue().check(core)));
  }

  @ParameterizedTest
  @CsvSource({
    "arrows, UpwardArrow",
    "arrows, SidewaysArrow",
    "arrows, Unplaced",
    "cycles, UpwardArrow",
    "engine, EngineUser",
    "printing, Printer",
    "randomness, UnkeyedRandom",
    "randomness, MathRandom",
    "exceptions, GenericThrower",
    "nulls, Unmarked"
  })
  void ruleSeesOffender(String name, String offender) {
    ArchRule rule = Architecture.rules(PLANTED).get(name);
    assertThat(rule).isNotNull();
    JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);
    assertThat(rule.evaluate(planted).getFailureReport().getDetails())
        .anySatisfy(line -> assertThat(line).contains(offender));
  }

  @Test
  void onlyOffendersAreSeen() {
    JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);
    Architecture.rules(PLANTED)
        .forEach(
            (name, rule) -> {
              // A cycle names all its members, the offended too.
              if (!name.equals("cycles")) {
                assertThat(rule.evaluate(planted).getFailureReport().getDetails())
                    .isNotEmpty()
                    .noneMatch(line -> line.contains("(Blameless.java"));
              }
            });
  }
}
