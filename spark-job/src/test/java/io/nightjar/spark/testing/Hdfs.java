package io.nightjar.spark.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A real HDFS in this process, one for all tests; it ends with the process. */
public final class Hdfs {
  private static MiniDFSCluster cluster;

  private Hdfs() {}

  /** The cluster, started by the first who asks. */
  public static synchronized MiniDFSCluster cluster() {
    if (cluster == null) {
      try {
        Configuration conf = new Configuration();
        conf.set(
            MiniDFSCluster.HDFS_MINIDFS_BASEDIR,
            Path.of("target", "hdfs").toAbsolutePath().toString());
        cluster = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
        cluster.waitActive();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot start HDFS", e);
      }
    }
    return cluster;
  }
}
