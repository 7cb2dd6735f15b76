package ai.kindred.examples.federated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.kindred.cli.Kindred;
import ai.kindred.core.kernel.Key;
import ai.kindred.core.kernel.Scope;
import ai.kindred.core.report.RunRecord;
import ai.kindred.core.train.Event;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FederateCommandTest {

  @TempDir private Path folder = Path.of("");

  private record Run(int code, String out, String err) {
    JsonNode json() throws IOException {
      assertThat(code).as(err).isZero();
      return new ObjectMapper().readTree(out);
    }
  }

  /** Users who like comedies and nothing else: 30 of them, 10 ratings each. */
  @BeforeEach
  void writeRatings() throws IOException {
    StringBuilder films = new StringBuilder("movieId,title,genres\n");
    for (int f = 0; f < 40; f++) {
      films.append("%d,Film %d (1990),%s\n".formatted(f, f, f % 2 == 0 ? "Comedy" : "Drama"));
    }
    Files.writeString(folder.resolve("movies.csv"), films);
    SplittableRandom random = Key.of(5).random();
    StringBuilder ratings = new StringBuilder("userId,movieId,rating,timestamp\n");
    for (int i = 0; i < 300; i++) {
      int film = random.nextInt(40);
      ratings.append("%d,%d,%s,%d\n".formatted(i / 10, film, film % 2 == 0 ? "5.0" : "2.0", i));
    }
    Files.writeString(folder.resolve("ratings.csv"), ratings);
  }

  private static Run run(List<?> words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Kindred.run(
            List.of(new FederatedCommands()),
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            words.stream().map(Object::toString).toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  private Run federate(String out, String options) {
    List<Object> words = new ArrayList<>(List.of("federate", "--data", folder));
    words.addAll(List.of("--out", folder.resolve(out), "--json"));
    words.addAll(Arrays.asList(options.split(" ")));
    return run(words);
  }

  private static final String FILMS = "--data-set movielens --cohort 10 --rate 0.5 --batch 4 ";

  @Test
  void learnsBesideCentralisedTraining() throws IOException {
    int live = Scope.live();
    JsonNode result =
        federate("run", FILMS + "--rounds 20 --centralised --unparticipating 0.2").json();
    assertThat(Scope.live()).isEqualTo(live);
    assertThat(result.at("/clients/clients").asInt()).isEqualTo(30);
    assertThat(result.at("/held_out/clients").asInt()).isEqualTo(24);
    assertThat(result.at("/held_out/predictions").asInt()).isEqualTo(48);
    assertThat(result.at("/held_out/accuracy").asDouble()).isGreaterThan(95);
    assertThat(result.at("/centralised/accuracy").asDouble()).isGreaterThan(95);
    assertThat(result.at("/new_clients/predictions").asInt()).isEqualTo(60);
    assertThat(result.at("/new_clients/accuracy").asDouble()).isGreaterThan(95);
    assertThat(Files.readString(folder.resolve("run/report.html")))
        .contains("centralised", "Clients from worst to best", "label entropy");
    List<Event> evaluations = RunRecord.read(folder.resolve("run")).events("eval");
    assertThat(evaluations).hasSize(11);
    assertThat(evaluations.get(0).number("accuracy")).isLessThan(90);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fedavgm",
        "fedadam",
        "fedyogi",
        "fedadagrad",
        "fedprox",
        "scaffold",
        "fednova",
        "mime"
      })
  void everyAlgorithmLearns(String algorithm) throws IOException {
    String options = FILMS + "--rounds 25 --algorithm " + algorithm;
    assertThat(federate("run", options).json().at("/held_out/accuracy").asDouble())
        .isGreaterThan(90);
  }

  @Test
  void aLongerRunGoesOnFromAShorterOneToTheSameBits() throws IOException {
    String options = FILMS + "--algorithm scaffold --centralised --rounds ";
    JsonNode whole = federate("whole", options + 6 + " --threads 1").json();
    federate("parts", options + 3).json();
    JsonNode parts = federate("parts", options + "6 --resume --threads 2").json();
    assertThat(parts.get("held_out")).isEqualTo(whole.get("held_out"));
    assertThat(parts.get("centralised")).isEqualTo(whole.get("centralised"));
    List<Double> losses = losses("whole");
    assertThat(losses("parts")).isEqualTo(losses).hasSize(6);
    Run other = federate("parts", options + "6 --resume --seed 2");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("is a checkpoint of another run");
  }

  private List<Double> losses(String run) throws IOException {
    return RunRecord.read(folder.resolve(run)).events("round").stream()
        .map(e -> e.number("loss"))
        .toList();
  }

  @Test
  void tellsEpsilonEveryRound() throws IOException {
    JsonNode result =
        federate("run", FILMS + "--rounds 5 --clip 0.5 --noise 2 --delta 1e-3").json();
    List<Event> rounds = RunRecord.read(folder.resolve("run")).events("round");
    assertThat(rounds).hasSize(5);
    for (int i = 1; i < 5; i++) {
      assertThat(rounds.get(i).number("epsilon"))
          .isGreaterThan(rounds.get(i - 1).number("epsilon"));
    }
    // The command's own figure for a third of the clients a round.
    Run alone =
        run(
            List.<Object>of(
                "epsilon",
                "--sampling-rate",
                10.0 / 30,
                "--noise-multiplier",
                2,
                "--rounds",
                5,
                "--delta",
                1e-3,
                "--accountant",
                "pld",
                "--json"));
    double expected = alone.json().get("epsilon").asDouble();
    assertThat(result.get("epsilon").asDouble()).isCloseTo(expected, within(1e-6));
    assertThat(rounds.get(4).number("epsilon")).isGreaterThan(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--data-set movielens --network lstm | network lstm cannot read movielens; give logistic, mlp",
        "--data-set shakespeare --partition shards | shakespeare has no labels to partition by",
        "--data-set fashion-mnist --partition natural | give --partition iid, dirichlet or shards",
        "--data-set movielens --alpha 1 | --alpha is for --partition dirichlet",
        "--data-set movielens --clients 9 | --clients is for --partition iid, dirichlet or shards",
        "--data-set movielens --mu 1 | --mu is for --algorithm fedprox",
        "--data-set movielens --centralised-rate 1 | --centralised-rate is for --centralised",
        "--data-set movielens --noise 1 | --noise is counted in clipping norms; give --clip",
        "--data-set movielens --noise 1 --clip 1 --algorithm scaffold | give fedavg, fedavgm",
        "--data-set movielens --rate NaN | rate",
        "--data-set movielens --rounds 0 | rounds",
        "--data-set movielens --threads 0 | --threads is at least 1, not 0",
        "--data-set mnist | expected one of [FASHION_MNIST, fashion-mnist, OMNIGLOT",
        "--data-set movielens --algorithm adam | FEDAVG, FEDAVGM, FEDADAM"
      })
  void badOptionsNameWhatIsRight(String options, String message) {
    Run run = federate("run", options);
    assertThat(run.code()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void badPartitionsAndFilesAreToldBeforeARunBegins() throws IOException {
    Run many = federate("run", "--data-set movielens --partition iid --clients 301");
    assertThat(many.code()).isEqualTo(1);
    assertThat(many.err()).contains("301 clients cannot share 300 examples; give 1 to 300");
    Files.writeString(folder.resolve("movies.csv"), "nothing\n");
    Run malformed = federate("run", "--data-set movielens");
    assertThat(malformed.code()).isEqualTo(1);
    assertThat(malformed.err()).contains("movies.csv: it should begin with the line");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
