package ai.kindred.federated.privacy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What dp-accounting gives, where the folder of golden values is at hand. */
final class GoldenEpsilons {

  private GoldenEpsilons() {}

  static JsonNode read(String name) throws IOException {
    Path file = Path.of(System.getProperty("kindred.data", "")).resolve("../golden").resolve(name);
    assumeTrue(Files.exists(file), "no golden values at " + file + ": set -Dkindred.data");
    return new ObjectMapper().readTree(Files.readString(file));
  }

  static PrivacyLedger ledger(JsonNode row) {
    return PrivacyLedger.of(
        new SampledGaussian(
            row.get("sampling_rate").asDouble(), row.get("noise_multiplier").asDouble()),
        row.get("rounds").asLong());
  }
}
