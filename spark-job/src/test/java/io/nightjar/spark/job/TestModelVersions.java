package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyData;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The version that a run took is known from each of its files. */
class TestModelVersions {
  @TempDir private Path folder;

  @BeforeEach
  void write() throws IOException {
    TinyData.write(LocalSpark.session(), folder.resolve("examples"), 40, 1, 1, 10);
    TinyModel.write(folder.resolve("models/v1"), 1, 1, 10);
    TinyModel.write(folder.resolve("models/v2"), 1, 1, 11);
    Files.writeString(
        folder.resolve("job.conf"),
        """
        nightjar {
          model = models
          input { examples = examples }
          output { path = out, keep-columns = [id], partition-by-run-date = false }
        }
        """);
  }

  @Test
  void standsInEveryFile() throws IOException {
    point("v1");
    assertThat(run("score").out()).contains("  model     tiny v1 " + checksum("v1") + "\n");
    assertThat(written())
        .hasSizeGreaterThan(1)
        .allMatch(metadata -> metadata.equals(expected("v1")));

    point("v2");
    run("score");
    assertThat(written()).isNotEmpty().allMatch(metadata -> metadata.equals(expected("v2")));
  }

  @Test
  void withoutANameItIsTheChecksum() throws IOException {
    run("score", "-D", "model=" + folder.resolve("models/v1"));

    assertThat(written().get(0).get("nightjar.model-version").textValue())
        .isEqualTo(checksum("v1"));
  }

  @Test
  void isExplained() throws IOException {
    point("v2");

    assertThat(run("explain").out())
        .contains("  tiny " + checksum("v2") + "\n  version v2\n  file:" + folder + "/models/v2\n");
  }

  @Test
  void aPointerThatPointsNowhere() throws IOException {
    point("v3");
    JobRun run = JobRun.of("score", "--config", folder.resolve("job.conf").toString());

    assertThat(run.exit()).isEqualTo(ExitCode.MODEL);
    assertThat(run.err())
        .isEqualTo(
            "nightjar: error: Invalid pointer file:%s/models/latest: v3, expected a folder beside it\n"
                .formatted(folder));
  }

  private void point(String version) throws IOException {
    Files.writeString(folder.resolve("models/latest"), version + "\n");
  }

  private String checksum(String version) {
    return ModelInfo.read(ModelFolder.local(folder.resolve("models").resolve(version))).version();
  }

  private JobRun run(String verb, String... more) {
    List<String> args =
        new ArrayList<>(List.of(verb, "--config", folder.resolve("job.conf").toString()));
    args.addAll(List.of(more));
    JobRun run = JobRun.of(args.toArray(String[]::new));
    assertThat(run.exit()).describedAs(run.err()).isEqualTo(ExitCode.OK);
    return run;
  }

  /** The metadata of the score's column in each file, as another reader finds it. */
  private List<JsonNode> written() {
    return DuckDb.rows(
            "select decode(value) from parquet_kv_metadata('%s/*.parquet') where decode(key) = '%s'"
                .formatted(folder.resolve("out"), "org.apache.spark.sql.parquet.row.metadata"))
        .stream()
        .map(TestModelVersions::scoreMetadata)
        .toList();
  }

  private static JsonNode scoreMetadata(String schema) {
    try {
      for (JsonNode field : new ObjectMapper().readTree(schema).get("fields")) {
        if (field.get("name").textValue().equals("score")) {
          return field.get("metadata");
        }
      }
      throw new AssertionError("No score in " + schema);
    } catch (IOException e) {
      throw new AssertionError(schema, e);
    }
  }

  private JsonNode expected(String version) {
    return new ObjectMapper()
        .createObjectNode()
        .put("nightjar.model", "tiny")
        .put("nightjar.model-version", version)
        .put("nightjar.model-checksum", checksum(version));
  }

  @Test
  void isSeenInTheSchemaThatSparkReads() throws IOException {
    point("v1");
    run("score");
    StructField score =
        LocalSpark.session()
            .read()
            .parquet(folder.resolve("out").toString())
            .schema()
            .apply("score");

    assertThat(score.metadata().getString("nightjar.model-version")).isEqualTo("v1");
  }
}
