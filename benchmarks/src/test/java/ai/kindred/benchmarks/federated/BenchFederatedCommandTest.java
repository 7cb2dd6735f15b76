package ai.kindred.benchmarks.federated;

import static org.assertj.core.api.Assertions.assertThat;

import ai.kindred.core.kernel.Scope;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchFederatedCommandTest {

  @Test
  void everyWorkloadGivesAFigure() {
    int before = Scope.live();
    FederatedWorkloads workloads = new FederatedWorkloads(2, 0);
    for (String name : List.of("mlp-32-64-10", "virtual")) {
      List<FederatedWorkloads.Line> lines = new ArrayList<>();
      workloads.run(name, lines::add);
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0).figures().values()).allSatisfy(f -> assertThat(f).isPositive());
    }
    assertThat(Scope.live()).isEqualTo(before);
  }
}
