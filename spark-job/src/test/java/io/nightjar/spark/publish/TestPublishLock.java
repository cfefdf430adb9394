package io.nightjar.spark.publish;

import io.nightjar.spark.testing.Hdfs;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The lock, on the local file system and on HDFS. */
class TestPublishLock {

  @Nested
  class OnLocalFiles extends PublishLockSuite {
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
  class OnHdfs extends PublishLockSuite {
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
}
