package ai.kindred.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigsTest {
  enum Method {
    LORA,
    MIXTURE_OF_EXPERTS
  }

  sealed interface Schedule permits Constant, WarmupCosine {}

  record Constant() implements Schedule {}

  record WarmupCosine(@Range(min = 0) int warmupSteps, double floor) implements Schedule {
    static WarmupCosine defaults(int warmupSteps) {
      return new WarmupCosine(warmupSteps, 0.1);
    }
  }

  record Optimizer(
      @Doc("peak learning rate") @Range(above = 0, max = 1) double learningRate,
      @Range(min = 0, below = 1) float beta1,
      Schedule schedule) {
    static Optimizer defaults() {
      return new Optimizer(1e-4, 0.9f, new Constant());
    }
  }

  record Training(
      @Doc("folder of the base model") Path model,
      @Range(min = 1, max = 1_000_000) int steps,
      long batchTokens,
      Method method,
      Optimizer optimizer,
      List<String> targets,
      Map<String, Double> weights,
      @JsonProperty("use_rslora") boolean rankStabilised,
      @Nullable Long seed) {
    Training {
      if (batchTokens < steps) {
        throw new IllegalArgumentException("batch_tokens must be at least steps");
      }
    }

    static Training defaults(Path model) {
      Optimizer optimizer = new Optimizer(3e-4, 0.8f, new WarmupCosine(10, 0.2));
      return new Training(
          model, 100, 4096, Method.LORA, optimizer, List.of("q_proj"), Map.of(), false, null);
    }
  }

  record Plain(@Range(min = 1) int rank, String name, @Nullable String note) {}

  private static Training parse(String json) throws JsonException {
    return Configs.parse(Training.class, json, "run.json");
  }

  private static List<String> problems(String json) {
    JsonException failure = catchThrowableOfType(JsonException.class, () -> parse(json));
    assertThat(failure).hasMessageStartingWith("run.json: ");
    return failure.problems();
  }

  @Test
  void defaultsFillWhatTheFileLeavesOut() throws JsonException {
    assertThat(parse("{\"model\":\"m\"}")).isEqualTo(Training.defaults(Path.of("m")));
  }

  @Test
  void objectsAreMergedOverDefaultRecordsFieldByField() throws JsonException {
    Training training =
        parse(
            "{\"model\":\"m\",\"optimizer\":{\"beta1\":0.5,\"schedule\":{\"kind\":\"constant\"}}}");
    // 3e-4 is the outer record's default, not the 1e-4 of Optimizer.defaults.
    assertThat(training.optimizer()).isEqualTo(new Optimizer(3e-4, 0.5f, new Constant()));
  }

  @Test
  void sealedInterfacesAreChosenByKind() throws JsonException {
    String schedule = "{\"kind\":\"warmup_cosine\",\"warmup_steps\":7}";
    Optimizer optimizer =
        Configs.parse(Optimizer.class, "{\"schedule\":" + schedule + "}", "optimizer");
    assertThat(optimizer.schedule()).isEqualTo(new WarmupCosine(7, 0.1));
  }

  @Test
  void everyTypeIsReadAndWrittenBack() throws JsonException {
    Training training =
        new Training(
            Path.of("a/b"),
            7,
            1L << 40,
            Method.MIXTURE_OF_EXPERTS,
            new Optimizer(0.1, 0.3f, new WarmupCosine(3, 1.0 / 3)),
            List.of("q", "v"),
            Map.of("z", 1.5, "a", 2.0),
            true,
            Long.MIN_VALUE);
    String json = Configs.toJson(training);
    assertThat(parse(json)).isEqualTo(training);
    assertThat(json)
        .startsWith("{\n  \"model\" : \"a/b\",\n  \"steps\" : 7,\n")
        .contains("\"method\" : \"mixture_of_experts\"")
        .contains("\"beta1\" : 0.3,")
        .contains("\"kind\" : \"warmup_cosine\"")
        .contains("\"use_rslora\" : true")
        .endsWith("}\n");
    assertThat(json.indexOf("\"a\" : 2.0")).isBetween(0, json.indexOf("\"z\" : 1.5"));
  }

  @Test
  void unknownFieldsAreRefusedWithTheNearestName() {
    assertThat(problems("{\"model\":\"m\",\"stpes\":3,\"optimizer\":{\"lerning_rate\":1}}"))
        .containsExactly(
            "unknown field `stpes`; did you mean `steps`? (known: model, steps, batch_tokens,"
                + " method, optimizer, targets, weights, use_rslora, seed)",
            "unknown field `optimizer.lerning_rate`; did you mean `learning_rate`? (known:"
                + " learning_rate, beta1, schedule)");
    assertThat(problems("{\"model\":\"m\",\"qqqqqqqqq\":3}").get(0)).doesNotContain("did you mean");
  }

  @Test
  void manyUnknownFieldsAreCountedNotListed() {
    StringBuilder json = new StringBuilder("{\"model\":\"m\"");
    for (int i = 0; i < 50_000; i++) {
      json.append(",\"").append("step".repeat(10)).append(i).append("\":0");
    }
    assertThat(problems(json.append('}').toString()))
        .hasSize(21)
        .last()
        .isEqualTo("and 49980 more unknown fields");
  }

  @Test
  void lenientReadingListsUnknownFields(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\"model\":\"m\",\"extra\":[1],\"optimizer\":{\"amsgrad\":false}}");
    Configs.Lenient<Training> read = Configs.readLenient(Training.class, file);
    assertThat(read.unknown()).containsExactly("extra", "optimizer.amsgrad");
    assertThat(read.value()).isEqualTo(Training.defaults(Path.of("m")));
    assertThatThrownBy(() -> Configs.read(Training.class, file))
        .isInstanceOf(JsonException.class)
        .hasMessageStartingWith(file + ": 2 problems\n  unknown field `extra`");
  }

  @Test
  void missingFieldsAreNamed() {
    assertThat(problems("{}")).containsExactly("`model` is missing and has no default");
    assertThatThrownBy(() -> Configs.parse(Plain.class, "{}", "plain.json"))
        .hasMessage(
            "plain.json: 2 problems\n  `rank` is missing and has no default\n"
                + "  `name` is missing and has no default");
    assertThat(problems("{\"model\":null}")).containsExactly("`model` is null; must have a value");
  }

  @Test
  void rangeViolationsNameFieldValueRangeAndSource() {
    assertThatThrownBy(() -> parse("{\"model\":\"m\",\"steps\":0}"))
        .hasMessage("run.json: `steps` is 0; must be at least 1, at most 1000000");
    assertThat(problems("{\"model\":\"m\",\"optimizer\":{\"learning_rate\":0,\"beta1\":1}}"))
        .containsExactly(
            "`optimizer.learning_rate` is 0.0; must be above 0, at most 1",
            "`optimizer.beta1` is 1.0; must be at least 0, below 1");
  }

  @Test
  void numbersThatAreNoNumbersAreRefused() {
    assertThat(problems("{\"model\":\"m\",\"optimizer\":{\"learning_rate\":1e999}}"))
        .containsExactly("`optimizer.learning_rate` is Infinity; must be a finite number");
    assertThat(problems("{\"model\":\"m\",\"optimizer\":{\"beta1\":1e39}}"))
        .containsExactly("`optimizer.beta1` is Infinity; must be a finite number");
    assertThat(problems("{\"model\":\"m\",\"weights\":{\"a\":\"NaN\"}}"))
        .containsExactly("`weights.a` must be a number, but is \"NaN\"");
    assertThat(problems("{\"model\":\"m\",\"weights\":{\"a\":NaN}}").get(0)).startsWith("not JSON");
    assertThatThrownBy(() -> Configs.toJson(new Optimizer(0.5, Float.NaN, new Constant())))
        .hasMessage("`beta1` of Optimizer is NaN; must be a finite number");
  }

  @Test
  void typesAreNeverCoerced() {
    assertThat(
            problems(
                "{\"model\":\"m\",\"steps\":1.5,\"batch_tokens\":99999999999999999999,"
                    + "\"method\":\"lorra\",\"optimizer\":[],\"targets\":[\"q\",3],"
                    + "\"use_rslora\":\"true\",\"seed\":\"1\"}"))
        .containsExactly(
            "`steps` must be a whole number of 32 bits, but is 1.5",
            "`batch_tokens` must be a whole number of 64 bits, but is 99999999999999999999",
            "`method` is \"lorra\"; must be one of lora, mixture_of_experts; did you mean `lora`?",
            "`optimizer` must be an object, but is a list of 0",
            "`targets[1]` must be a string, but is 3",
            "`use_rslora` must be true or false, but is \"true\"",
            "`seed` must be a whole number of 64 bits, but is \"1\"");
    assertThat(problems("[]"))
        .containsExactly("the document must be an object, but is a list of 0");
    assertThat(problems("{\"model\":\"a\\u0000b\"}").get(0)).startsWith("`model` is no path");
  }

  @Test
  void wrongKindsAreNamed() {
    assertThat(problems("{\"model\":\"m\",\"optimizer\":{\"schedule\":{\"kind\":\"cosine\"}}}"))
        .containsExactly(
            "`optimizer.schedule.kind` is \"cosine\"; must be one of constant, warmup_cosine");
    assertThat(problems("{\"model\":\"m\",\"optimizer\":{\"schedule\":{}}}"))
        .containsExactly(
            "`optimizer.schedule.kind` is missing; must be one of constant, warmup_cosine");
  }

  @Test
  void aRecordsOwnRefusalIsReported() {
    assertThat(problems("{\"model\":\"m\",\"batch_tokens\":3}"))
        .containsExactly("batch_tokens must be at least steps");
  }

  @Test
  void fieldsAreListedForHelpTexts() {
    List<ConfigField> fields = Configs.fields(Optimizer.class);
    assertThat(fields)
        .startsWith(
            new ConfigField(
                "learning_rate",
                "double",
                false,
                "1.0E-4",
                "above 0, at most 1",
                "peak learning rate"))
        .extracting(ConfigField::type)
        .containsExactly("double", "float", "constant | warmup_cosine");
    assertThat(Configs.fields(Training.class))
        .filteredOn(ConfigField::required)
        .extracting(ConfigField::name)
        .containsExactly("model");
    assertThat(Configs.fields(Training.class))
        .extracting(ConfigField::name)
        .contains("optimizer.learning_rate", "use_rslora");
  }

  @Test
  void rawTreesPassThrough() throws JsonException {
    record Raw(JsonNode any, @Nullable JsonNode none) {}
    Raw raw = Configs.parse(Raw.class, "{\"any\":{\"x\":[1,null]},\"none\":null}", "raw");
    assertThat(raw.any().toString()).isEqualTo("{\"x\":[1,null]}");
    assertThat(raw.none()).isNull();
  }

  @Test
  void editDistancesAreLevenshteins() {
    assertThat(Names.editDistance("kitten", "sitting")).isEqualTo(3);
    assertThat(Names.editDistance("", "abc")).isEqualTo(3);
    assertThat(Names.nearest("lr", List.of("rank", "alpha"))).isEmpty();
  }
}
