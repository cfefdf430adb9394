package io.nightjar.spark.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.nightjar.spark.manifest.Manifest;
import io.nightjar.spark.manifest.ManifestFile;
import io.nightjar.spark.manifest.SampleManifest;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is well-formed XML too, so that what is in it can be looked up. */
class TestReport {
  private static final String EVIL =
      "</style></p><script>alert('x')</script>\"' onload=\"x\" &amp; <b>{}";

  @Test
  void tellsOfEverything() throws Exception {
    Document page = page(SampleManifest.published(), Optional.of(SampleManifest.yesterday()));

    assertThat(texts(page, "h1")).containsExactly("ctr · 2026-11-23 ✓ published");
    assertThat(texts(page, "h2"))
        .containsExactly(
            "Scores",
            "Gates",
            "Throughput",
            "Where the time went",
            "Bad rows",
            "Features",
            "Input and output",
            "What ran");
    assertThat(texts(page, "tr"))
        .contains(
            "mean 0.07315 0.06187",
            "psi ✗ failed PSI 0.31 is above 0.2 warn",
            "score 1 min 20 s 50 k rows/s",
            "row-id-out-of-range s7 20 < 0.01 %",
            "s11 11.0 % 11.0 % 3.00 1.2 %",
            "candidates hdfs://name/candidates 4,000,100 20 512.0 MiB",
            "model ctr 2026-11-20",
            "backend cuda ctr.conf:3");
    // Each of the two plots, for a laptop and for a phone.
    assertThat(texts(page, "title").stream().skip(1))
        .containsExactly(
            "Scores of this run, and of the run before it",
            "Scores of this run, and of the run before it",
            "Rows a second over the time of the run",
            "Rows a second over the time of the run");
  }

  @Test
  void aRunThatFailedEarlySaysWhy() throws Exception {
    Document page = page(SampleManifest.failed("no <model>"), Optional.empty());

    assertThat(texts(page, "h1")).containsExactly("Nightjar · 2026-11-23 ✗ failed, exit code 4");
    assertThat(texts(page, "p")).contains("no <model>");
    assertThat(texts(page, "h2")).containsExactly("What ran");
  }

  @Test
  void theFirstRunHasNothingToBeComparedWith() throws Exception {
    Document page = page(SampleManifest.published(), Optional.empty());

    assertThat(texts(page, "p")).contains("There is no run before it to compare with.");
    assertThat(texts(page, "tr")).contains("mean 0.07315 –");
  }

  @Test
  void noTextOfTheRunIsMarkup() throws Exception {
    Manifest plain = SampleManifest.published();
    Manifest evil = withTexts(plain);
    Document page = page(evil, Optional.of(evil));

    assertThat(elements(page)).isEqualTo(elements(page(plain, Optional.of(plain))));
    assertThat(attributes(page)).isEqualTo(attributes(page(plain, Optional.of(plain))));
    assertThat(page.getDocumentElement().getTextContent()).contains(EVIL);
  }

  @Test
  void needsNothingFromElsewhere() throws Exception {
    Manifest run = SampleManifest.published();
    Document page = page(run, Optional.of(run));

    assertThat(attributes(page)).doesNotContain("src", "href", "style", "onload");
    assertThat(elements(page)).doesNotContain("script", "link", "img", "iframe");
    assertThat(texts(page, "style").get(0)).doesNotContain("url(", "@import", "//");
  }

  /** {@code manifest} with {@link #EVIL} for every text that is free. */
  private static Manifest withTexts(Manifest manifest) throws Exception {
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(ManifestFile.toJson(manifest));
    for (String part : List.of("model", "config", "inputs", "output", "compute")) {
      json.set(part, evil(json.get(part)));
    }
    json.set("quarantine", new TextNode(EVIL));
    ((ObjectNode) json.get("run")).put("id", EVIL).put("application", EVIL);
    ((ObjectNode) json.get("exit")).put("message", "");
    for (JsonNode gate : json.get("gates")) {
      ((ObjectNode) gate).put("name", EVIL).put("message", EVIL);
    }
    for (JsonNode stage : json.get("stages")) {
      ((ObjectNode) stage).put("name", stage.get("name").asText().equals("score") ? "score" : EVIL);
    }
    for (JsonNode unit : json.get("units")) {
      ((ObjectNode) unit).put("name", EVIL);
    }
    rename((ObjectNode) json.at("/statistics/sparse"), "s1");
    rename((ObjectNode) json.at("/statistics/dense"), "d1");
    rename((ObjectNode) json.at("/statistics/bad_rows/row-id-out-of-range"), "s3");
    rename((ObjectNode) json.get("versions"), "spark");
    return ManifestFile.parse("evil", json.toString());
  }

  private static void rename(ObjectNode node, String key) {
    node.set(EVIL, node.remove(key));
  }

  private static JsonNode evil(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().forEach(entry -> entry.setValue(evil(entry.getValue())));
    } else if (node instanceof ArrayNode array) {
      IntStream.range(0, array.size()).forEach(i -> array.set(i, evil(array.get(i))));
    }
    return node.isTextual() ? new TextNode(EVIL) : node;
  }

  private static Document page(Manifest run, Optional<Manifest> last) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(Report.of(run, last))));
  }

  private static List<String> elements(Document page) {
    return all(page, "*").stream().map(Element::getTagName).toList();
  }

  private static List<String> attributes(Document page) {
    return all(page, "*").stream()
        .flatMap(
            element ->
                IntStream.range(0, element.getAttributes().getLength())
                    .mapToObj(i -> element.getAttributes().item(i).getNodeName()))
        .toList();
  }

  /** The texts of every {@code tag}, blanks made one. */
  private static List<String> texts(Document page, String tag) {
    return all(page, tag).stream()
        .map(element -> element.getTextContent().replaceAll("\\s+", " ").strip())
        .toList();
  }

  private static List<Element> all(Document page, String tag) {
    NodeList found = page.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }
}
