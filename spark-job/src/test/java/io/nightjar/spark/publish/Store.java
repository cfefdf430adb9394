package io.nightjar.spark.publish;

import io.nightjar.spark.testing.Hdfs;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The file systems that publishing is tested on: their clocks and renames differ. */
enum Store {
  LOCAL {
    @Override
    FileSystem fs() throws IOException {
      return FileSystem.getLocal(new Configuration());
    }

    @Override
    Path folder(java.nio.file.Path local) {
      return new Path("file:" + local);
    }
  },
  HDFS {
    @Override
    FileSystem fs() throws IOException {
      return Hdfs.cluster().getFileSystem();
    }

    @Override
    Path folder(java.nio.file.Path local) {
      return new Path(Hdfs.cluster().getURI() + "/" + UUID.randomUUID());
    }
  };

  abstract FileSystem fs() throws IOException;

  /** A folder that nobody uses; on local files it is the given one. */
  abstract Path folder(java.nio.file.Path local);
}
