package ai.kindred.examples.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The module rule in the build files: what a user of an artifact gets with it. */
class PomsTest {

  /** Dependencies on modules that the rule forbids; tests may use any module. */
  private static List<String> offences(String module, String pom)
      throws IOException, SAXException, ParserConfigurationException {
    NodeList dependencies =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(pom)))
            .getElementsByTagName("dependency");
    List<String> offences = new ArrayList<>();
    for (int i = 0; i < dependencies.getLength(); i++) {
      Element dependency = (Element) dependencies.item(i);
      String artifact = text(dependency, "artifactId");
      boolean ours = text(dependency, "groupId").equals("ai.kindred");
      String to = artifact.replaceFirst("^kindred-", "");
      if (ours && !text(dependency, "scope").equals("test") && !Modules.mayUse(module, to)) {
        offences.add(module + " -> " + to);
      }
    }
    return offences;
  }

  private static String text(Element parent, String name) {
    NodeList found = parent.getElementsByTagName(name);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
  }

  @Test
  void modulesDependOnlyOnThoseBelow() throws Exception {
    List<String> seen = new ArrayList<>();
    List<String> offences = new ArrayList<>();
    try (Stream<Path> folders = Files.list(Path.of("").toAbsolutePath().getParent())) {
      for (Path folder : folders.filter(f -> Files.exists(f.resolve("pom.xml"))).toList()) {
        String module = folder.getFileName().toString();
        seen.add(module);
        assertThat(Modules.isKnown(module)).as("module " + module + " has a place").isTrue();
        offences.addAll(offences(module, Files.readString(folder.resolve("pom.xml"))));
      }
    }
    assertThat(seen).contains("core", "peft", "examples", "benchmarks");
    assertThat(offences).isEmpty();
  }

  @Test
  void offendersAreSeen() throws Exception {
    String pom =
        """
        <project><dependencies>
          <dependency><groupId>ai.kindred</groupId><artifactId>kindred-core</artifactId></dependency>
          <dependency><groupId>ai.kindred</groupId><artifactId>kindred-peft</artifactId></dependency>
          <dependency>
            <groupId>ai.kindred</groupId><artifactId>kindred-tiny</artifactId><scope>test</scope>
          </dependency>
        </dependencies></project>
        """;
    assertThat(offences("federated", pom)).containsExactly("federated -> peft");
    assertThat(offences("examples", pom)).isEmpty();
    assertThat(offences("core", pom)).containsExactly("core -> core", "core -> peft");
  }
}
