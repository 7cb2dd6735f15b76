package ai.kindred.core.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.THROW_GENERIC_EXCEPTIONS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.NullMarked;

/**
 * The rules of core's architecture, for core itself and for planted offenders under another root.
 */
final class Architecture {

  /** The picture of the design: a package uses those of lower rows. Top row first. */
  private static final List<Set<String>> ROWS =
      List.of(
          Set.of("report", "lm", "retrieval"),
          Set.of("train", "data", "metrics"),
          Set.of("nn", "io", "workers"),
          Set.of("kernel", "config"));

  private Architecture() {}

  /** All rules by name. */
  static Map<String, ArchRule> rules(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("arrows", arrows(root));
    rules.put("cycles", cycles(root));
    rules.put("engine", engine(root));
    rules.put("printing", printing(root));
    rules.put("randomness", randomness());
    rules.put("exceptions", exceptions());
    rules.put("nulls", nulls());
    return rules;
  }

  private static ArchRule arrows(String root) {
    return classes()
        .that()
        .resideInAPackage(root + ".*..")
        .should(
            new ArchCondition<>("use packages of lower rows only, and be in the picture") {
              @Override
              public void check(JavaClass owner, ConditionEvents events) {
                String from = segment(root, owner);
                if (row(from) < 0) {
                  events.add(
                      SimpleConditionEvent.violated(
                          owner, "package " + from + " of " + owner.getName() + " has no row"));
                  return;
                }
                for (Dependency arrow : owner.getDirectDependenciesFromSelf()) {
                  JavaClass target = arrow.getTargetClass().getBaseComponentType();
                  String to = segment(root, target);
                  if (!to.isEmpty() && !to.equals(from) && row(to) >= row(from)) {
                    events.add(
                        SimpleConditionEvent.violated(
                            owner, from + " -> " + to + ": " + arrow.getDescription()));
                  }
                }
              }
            })
        .because("arrows point down: " + ROWS)
        .allowEmptyShould(true);
  }

  private static ArchRule cycles(String root) {
    return slices().matching(root + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true);
  }

  private static ArchRule engine(String root) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(root + ".kernel..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl.pytorch..")
        .because("core.kernel alone knows the engine")
        .allowEmptyShould(true);
  }

  private static ArchRule printing(String root) {
    return noClasses()
        .that()
        .doNotHaveFullyQualifiedName(root + ".report.Progress")
        .should(ACCESS_STANDARD_STREAMS)
        .because("libraries do not print; commands and report.Progress do")
        .allowEmptyShould(true);
  }

  private static ArchRule randomness() {
    return noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Random.class, ThreadLocalRandom.class)
        .orShould()
        .callMethod(Math.class, "random")
        .because("everything random comes from a Key")
        .allowEmptyShould(true);
  }

  private static ArchRule exceptions() {
    return noClasses()
        .should(THROW_GENERIC_EXCEPTIONS)
        .because("a caller can catch only what has a name")
        .allowEmptyShould(true);
  }

  private static ArchRule nulls() {
    return classes()
        .should(
            new ArchCondition<>("be in a package that is @NullMarked") {
              @Override
              public void check(JavaClass owner, ConditionEvents events) {
                if (!owner.getPackage().isAnnotatedWith(NullMarked.class)) {
                  events.add(
                      SimpleConditionEvent.violated(
                          owner, owner.getName() + " is in a package without @NullMarked"));
                }
              }
            })
        .allowEmptyShould(true);
  }

  /** The first package name below the root, or nothing for classes from elsewhere. */
  private static String segment(String root, JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith(root + ".")) {
      return "";
    }
    String below = name.substring(root.length() + 1);
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }

  /** A package's row from the bottom, -1 for one without a place in the picture. */
  private static int row(String name) {
    for (int i = 0; i < ROWS.size(); i++) {
      if (ROWS.get(i).contains(name)) {
        return ROWS.size() - 1 - i;
      }
    }
    return -1;
  }
}
