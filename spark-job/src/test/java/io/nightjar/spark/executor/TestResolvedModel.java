package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.model.InvalidModelException;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestResolvedModel {
  @TempDir private Path folder;

  @Test
  void aModelDirectoryIsItself() {
    TinyModel.write(folder, 1, 1, 10);

    assertResolved("", Optional.empty());
  }

  @Test
  void nothingIsItself() {
    assertResolved("", Optional.empty());
  }

  @Test
  void theVersionThatThePointerNames() throws IOException {
    TinyModel.write(folder.resolve("2026-11-19"), 1, 1, 10);
    TinyModel.write(folder.resolve("2026-11-20"), 1, 1, 10);
    Files.writeString(folder.resolve("latest"), "2026-11-20\n");
    assertResolved("/2026-11-20", Optional.of("2026-11-20"));

    Files.writeString(folder.resolve("latest"), "2026-11-19");
    assertResolved("/2026-11-19", Optional.of("2026-11-19"));
  }

  @Test
  void aPointerToAFolderThatHoldsNoModelLeadsThere() throws IOException {
    Files.createDirectory(folder.resolve("v1"));
    Files.writeString(folder.resolve("latest"), "v1");

    assertResolved("/v1", Optional.of("v1"));
  }

  @Test
  void theModelInMlflow() throws IOException {
    TinyModel.write(folder.resolve("artifacts/ctr"), 1, 1, 10);
    mlflow(
        folder,
        """
        artifact_path: model
        flavors:
          python_function:
            model_id: no id of the model's
        model_uuid: '0f3bd6a2e4c94a0d'
        run_id: 5c37ed12cb5a
        """);

    assertResolved("/artifacts/ctr", Optional.of("0f3bd6a2e4c94a0d"));
  }

  @Test
  void anMlflowModelWithoutAnId() throws IOException {
    TinyModel.write(folder.resolve("data"), 1, 1, 10);
    mlflow(folder, "flavors: {}\n");

    assertResolved("/data", Optional.empty());
  }

  @Test
  void anMlflowModelAmongVersionsHasTheVersionsName() throws IOException {
    TinyModel.write(folder.resolve("7/artifacts/ctr"), 1, 1, 10);
    mlflow(folder.resolve("7"), "model_id: m-123\n");
    Files.writeString(folder.resolve("latest"), "7");

    assertResolved("/7/artifacts/ctr", Optional.of("7"));
  }

  @Test
  void mlflowWithNoModelOrTwo() throws IOException {
    mlflow(folder, "run_id: a\n");
    assertRefused(
        "Invalid MLflow model %s: 0 folders with a model.json in it, expected one, as artifacts/NAME");

    TinyModel.write(folder.resolve("artifacts/a"), 1, 1, 10);
    TinyModel.write(folder.resolve("artifacts/b"), 1, 1, 10);
    assertRefused(
        "Invalid MLflow model %s: 2 folders with a model.json in it, expected one, as artifacts/NAME");
  }

  @Test
  void pointersThatPointNowhere() throws IOException {
    for (String name : new String[] {"", "../other", "a b", "/abs", ".hidden", "s3a://x"}) {
      Files.writeString(folder.resolve("latest"), name);
      assertRefused("Invalid pointer %s/latest: \"" + name + "\", expected the name of a version");
    }
    Files.writeString(folder.resolve("latest"), "v9\n");
    assertRefused("Invalid pointer %s/latest: v9, expected a folder beside it");
    Files.delete(folder.resolve("latest"));
    Files.createDirectory(folder.resolve("latest"));
    assertRefused(
        "Invalid pointer %s/latest: a folder, expected a text file with the name of a version beside it");
  }

  private static void mlflow(Path folder, String yaml) throws IOException {
    Files.writeString(folder.resolve("MLmodel"), yaml);
  }

  private void assertResolved(String below, Optional<String> version) {
    ResolvedModel resolved = ResolvedModel.of(folder.toString(), new Configuration());

    assertThat(resolved.folder().location()).isEqualTo("file:" + folder + below);
    assertThat(resolved.version()).isEqualTo(version);
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> ResolvedModel.of(folder.toString(), new Configuration()))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(message, "file:" + folder);
  }
}
