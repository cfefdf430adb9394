package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.testing.Hdfs;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishing by renames, on the local file system and on HDFS. */
class TestPublishing {

  @Nested
  class OnLocalFiles extends PublishingSuite {
    @TempDir java.nio.file.Path folder;

    @Override
    Path base() {
      return new Path("file:" + folder);
    }

    @Override
    FileSystem fs() throws IOException {
      return FileSystem.getLocal(new Configuration());
    }
  }

  @Nested
  class OnHdfs extends PublishingSuite {
    private final Path base = new Path(Hdfs.cluster().getURI() + "/" + UUID.randomUUID());

    @Override
    Path base() {
      return base;
    }

    @Override
    FileSystem fs() throws IOException {
      return Hdfs.cluster().getFileSystem();
    }
  }

  @Test
  void theRootIsNoOutput() {
    assertThatThrownBy(() -> OutputFolder.of("file:/", Optional.empty(), new Configuration()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "file:/, expected a folder below the root of its file system: runs work in a folder"
                + " beside it");
  }
}
