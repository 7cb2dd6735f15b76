package ai.kindred.examples.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The module rule and the conventions, over the main classes of all modules that examples use. */
class ModuleRuleTest {

  private static final String ROOT = "ai.kindred";
  private static final String PLANTED = ROOT + ".examples.architecture.planted";

  private static JavaClasses all() {
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
    assertThat(all.contain("ai.kindred.core.kernel.Key")).isTrue();
    assertThat(all.contain("ai.kindred.cli.Kindred")).isTrue();
    return all;
  }

  private static ArchRule moduleRule(String root) {
    return classes()
        .should(
            new ArchCondition<>("use only modules below their own") {
              @Override
              public void check(JavaClass owner, ConditionEvents events) {
                String from = module(root, owner);
                if (!Modules.isKnown(from)) {
                  events.add(
                      SimpleConditionEvent.violated(
                          owner, owner.getName() + " is in no known module"));
                }
                for (Dependency use : owner.getDirectDependenciesFromSelf()) {
                  String to = module(root, use.getTargetClass().getBaseComponentType());
                  if (!to.isEmpty() && !to.equals(from) && !Modules.mayUse(from, to)) {
                    events.add(
                        SimpleConditionEvent.violated(
                            owner, from + " -> " + to + ": " + use.getDescription()));
                  }
                }
              }
            });
  }

  private static ArchRule conventions(String root) {
    return noClasses()
        .should(THROW_GENERIC_EXCEPTIONS)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class)
        .orShould(
            new ArchCondition<>("be in a package without @NullMarked") {
              @Override
              public void check(JavaClass owner, ConditionEvents events) {
                boolean marked = owner.getPackage().isAnnotatedWith(NullMarked.class);
                String message = owner.getName() + " is in a package without @NullMarked";
                events.add(new SimpleConditionEvent(owner, !marked, message));
              }
            })
        .orShould(printOutsideOf(root + ".examples", root + ".benchmarks"));
  }

  /** Leaves hold programs, which print; core.report.Progress is core's own exception. */
  private static ArchCondition<JavaClass> printOutsideOf(String... leaves) {
    return new ArchCondition<>("print, being no leaf") {
      @Override
      public void init(Collection<JavaClass> allObjectsToTest) {
        ACCESS_STANDARD_STREAMS.init(allObjectsToTest);
      }

      @Override
      public void check(JavaClass owner, ConditionEvents events) {
        boolean exempt =
            List.of(leaves).stream().anyMatch(leaf -> owner.getPackageName().startsWith(leaf))
                || owner.getName().equals("ai.kindred.core.report.Progress");
        if (!exempt) {
          ACCESS_STANDARD_STREAMS.check(owner, events);
        }
      }
    };
  }

  private static String module(String root, JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith(root + ".")) {
      return "";
    }
    String below = name.substring(root.length() + 1);
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }

  @Test
  void modulesUseOnlyThoseBelow() {
    moduleRule(ROOT).check(all());
  }

  @Test
  void modulesKeepTheConventions() {
    conventions(ROOT).check(all());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "federated -> peft: Class <" + PLANTED + ".federated.UsesMethod>",
        "core -> peft: Class <" + PLANTED + ".core.UsesMethodFromCore>",
        "peft -> cli: Class <" + PLANTED + ".peft.UsesCommands>",
        "cli -> benchmarks: Class <" + PLANTED + ".cli.UsesLeaf>",
        PLANTED + ".stray.Stray is in no known module"
      })
  void ruleSeesOffender(String violation) {
    JavaClasses planted = new ClassFileImporter().importPackages(PLANTED);
    List<String> seen = moduleRule(PLANTED).evaluate(planted).getFailureReport().getDetails();
    assertThat(seen).anyMatch(line -> line.startsWith(violation));
    assertThat(seen).noneMatch(line -> line.startsWith("benchmarks -> peft"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Stray.throwGeneric", "Stray.draw", "Stray is in a pack", "Stray.print"})
  void conventionsSeeOffender(String offence) {
    JavaClasses planted = new ClassFileImporter().importPackages(PLANTED + ".stray");
    assertThat(conventions(PLANTED).evaluate(planted).getFailureReport().getDetails())
        .anyMatch(line -> line.contains(offence));
  }
}
