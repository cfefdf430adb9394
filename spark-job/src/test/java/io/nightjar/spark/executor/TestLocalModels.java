package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.model.InvalidModelException;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of a file system that is not this host's: Hadoop's viewfs, mounted on a local folder. */
class TestLocalModels {
  @TempDir private Path folder;

  private final Configuration conf = new Configuration();
  private Path original;
  private Path cache;

  @BeforeEach
  void mount() {
    original = TinyModel.write(folder.resolve("original"), 1, 1, 10);
    cache = folder.resolve("cache");
    // Hadoop would give the mount of the test before.
    conf.setBoolean("fs.viewfs.impl.disable.cache", true);
    conf.set("fs.viewfs.mounttable.models.link./ctr", original.toUri().toString());
  }

  private ModelReference reference() {
    HadoopModelFolder remote = HadoopModelFolder.at("viewfs://models/ctr", conf);
    return new ModelReference(
        remote.location(), ModelInfo.read(remote).version(), Backend.CPU, Precision.FP32);
  }

  private Path copied(ModelReference reference) {
    return LocalModels.copied(reference, cache, conf);
  }

  @Test
  void isCopiedOnce() throws IOException {
    ModelReference reference = reference();

    Path copy = copied(reference);

    assertThat(copy).isEqualTo(cache.resolve(reference.version()));
    assertThat(ModelInfo.read(ModelFolder.local(copy)).version()).isEqualTo(reference.version());
    Files.delete(original.resolve("model.safetensors"));
    assertThat(copied(reference)).isEqualTo(copy);
    assertThat(filesOf(cache)).containsExactly(reference.version(), reference.version() + ".lock");
  }

  @Test
  void anotherVersionIsAnotherCopy() throws IOException {
    Path first = copied(reference());
    Files.setLastModifiedTime(original.resolve("model.safetensors"), FileTime.fromMillis(5000));

    assertThat(copied(reference())).isNotEqualTo(first);
  }

  @Test
  void replacedWhileTheJobStarts() throws IOException {
    ModelReference reference = reference();
    TinyModel.write(original, 1, 1, 11);
    String found = reference().version();

    assertThatThrownBy(() -> copied(reference))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageMatching(
            "Cannot open model viewfs://models/ctr: .*/cache/%1$s-\\d+ holds version %2$s, and the driver read version %1$s; was it written again, or copied without its times\\?"
                .formatted(reference.version(), found));
    assertThat(filesOf(cache)).containsExactly(reference.version() + ".lock");
  }

  @Test
  void brokenCopyIsNotTaken() throws IOException {
    ModelReference reference = reference();
    Files.delete(copied(reference).resolve("model.safetensors"));

    assertThatThrownBy(() -> copied(reference)).isInstanceOf(InvalidModelException.class);
  }

  @Test
  void unknownFileSystem() {
    assertThatThrownBy(() -> HadoopModelFolder.at("nofs://models/ctr", conf))
        .hasMessage("Cannot read model nofs://models/ctr: No FileSystem for scheme \"nofs\"");
  }

  private static Stream<String> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }
}
