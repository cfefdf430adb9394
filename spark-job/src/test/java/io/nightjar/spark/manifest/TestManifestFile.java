package io.nightjar.spark.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestManifestFile {
  private static final Path SCHEMA = Path.of("..", "docs", "manifest.schema.json");

  @TempDir private Path folder;

  @Test
  void isReadAsItWasWritten() throws IOException {
    for (Manifest manifest : List.of(SampleManifest.published(), SampleManifest.failed())) {
      org.apache.hadoop.fs.Path run = new org.apache.hadoop.fs.Path(folder.toUri());
      FileSystem files = run.getFileSystem(new Configuration());

      ManifestFile.write(SampleManifest.yesterday(), files, run);
      ManifestFile.write(manifest, files, run);

      assertThat(ManifestFile.read(files, run)).contains(manifest);
    }
  }

  @Test
  void isNotThere() throws IOException {
    org.apache.hadoop.fs.Path run = new org.apache.hadoop.fs.Path(folder.toUri());

    assertThat(ManifestFile.read(run.getFileSystem(new Configuration()), run)).isEmpty();
  }

  @Test
  void followsTheSchema() throws IOException {
    assertThat(complaints(json(SampleManifest.published()))).isEmpty();
    assertThat(complaints(json(SampleManifest.failed()))).isEmpty();
  }

  @Test
  void theSchemaKnowsEveryFieldAndItsKind() throws IOException {
    ObjectNode manifest = (ObjectNode) json(SampleManifest.published());
    manifest.put("more", 1);
    manifest.remove("units");
    ((ObjectNode) manifest.get("run")).put("date", "23.11.2026").put("started", "yesterday");
    ((ObjectNode) manifest.get("exit")).put("state", "fine").put("code", 256);
    ((ObjectNode) manifest.get("statistics")).put("rows_in", -1);
    ((ObjectNode) manifest.at("/statistics/bad_rows")).putObject("rotten");
    ((ObjectNode) manifest.get("model")).put("checksum", "none");

    assertThat(complaints(manifest))
        .containsExactlyInAnyOrder(
            "$: property 'more' is not defined in the schema and the schema does not allow additional properties",
            "$: required property 'units' not found",
            "$.run.date: does not match the date pattern must be a valid RFC 3339 full-date",
            "$.run.started: does not match the date-time pattern must be a valid RFC 3339 date-time",
            "$.exit.state: does not have a value in the enumeration [\"published\", \"failed\"]",
            "$.exit.code: must have a maximum value of 255",
            "$.statistics.bad_rows: property 'rotten' name is not valid: does not have a value in the enumeration [\"row-id-out-of-range\", \"null-value\", \"not-finite\", \"null-in-array\", \"missing-user\", \"missing-item\", \"missing\"]",
            "$.statistics.rows_in: must have a minimum value of 0",
            "$.model.checksum: does not match the regex pattern ^[0-9a-f]{32}$");
  }

  @Test
  void whatALaterVersionAddsIsPassedOver() throws IOException {
    ObjectNode json = (ObjectNode) json(SampleManifest.failed());
    json.put("more", 1);

    assertThat(ManifestFile.parse("m", json.toString())).isEqualTo(SampleManifest.failed());
  }

  @Test
  void otherFiles() throws IOException {
    ObjectNode later = (ObjectNode) json(SampleManifest.failed());
    later.put("format_version", 2);

    assertRefused(
        "{\"format\": \"else\", \"format_version\": 1}",
        "its format is else, expected nightjar-manifest");
    assertRefused("null", "its format is null, expected nightjar-manifest");
    assertRefused(later.toString(), "its format version is 2, expected 1");
    assertThatThrownBy(() -> ManifestFile.parse("m", "{"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Cannot read the manifest m: Unexpected end-of-input");
  }

  private static void assertRefused(String json, String why) {
    assertThatThrownBy(() -> ManifestFile.parse("hdfs://name/m", json))
        .isInstanceOf(IOException.class)
        .hasMessage("Cannot read the manifest hdfs://name/m: " + why);
  }

  private static JsonNode json(Manifest manifest) throws IOException {
    return new ObjectMapper().readTree(ManifestFile.toJson(manifest));
  }

  private static List<String> complaints(JsonNode manifest) throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(Files.readString(SCHEMA));
    return schema
        .validate(
            manifest, context -> context.getExecutionConfig().setFormatAssertionsEnabled(true))
        .stream()
        .map(ValidationMessage::getMessage)
        .toList();
  }
}
