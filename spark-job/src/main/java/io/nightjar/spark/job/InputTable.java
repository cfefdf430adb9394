package io.nightjar.spark.job;

import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.execution.datasources.PartitioningAwareFileIndex;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A table that a run reads, as Spark found it when the run was planned.
 *
 * @param name its key in the config
 * @param path what that key says
 * @param rows all of it
 * @param relation Spark's own view of it
 * @param files every file of it, sorted by path
 */
record InputTable(
    String name,
    String path,
    Dataset<Row> rows,
    HadoopFsRelation relation,
    List<FileStatus> files) {

  /** Size of all files. */
  long bytes() {
    return files.stream().mapToLong(FileStatus::getLen).sum();
  }

  /** The files that {@code table}, which reads Parquet and does nothing else, will read. */
  static InputTable of(String name, String path, Dataset<Row> table) {
    var plan = ((org.apache.spark.sql.classic.Dataset<Row>) table).queryExecution().analyzed();
    HadoopFsRelation relation = (HadoopFsRelation) ((LogicalRelation) plan).relation();
    List<FileStatus> files =
        CollectionConverters.asJava(((PartitioningAwareFileIndex) relation.location()).allFiles())
            .stream()
            .sorted(Comparator.comparing(FileStatus::getPath))
            .toList();
    return new InputTable(name, path, table, relation, files);
  }
}
