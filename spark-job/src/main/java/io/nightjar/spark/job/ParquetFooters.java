package io.nightjar.spark.job;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** What the footers of Parquet files say; no data is read. */
final class ParquetFooters {
  private ParquetFooters() {}

  /** The Parquet files that lie in {@code folder} itself. */
  static List<FileStatus> files(Path folder, Configuration hadoop) throws IOException {
    FileSystem fs = folder.getFileSystem(hadoop);
    return Arrays.stream(fs.listStatus(folder))
        .filter(status -> status.isFile() && status.getPath().getName().endsWith(".parquet"))
        .toList();
  }

  /** Rows of {@code files}, all together. */
  static long rows(List<FileStatus> files, Configuration hadoop) throws IOException {
    long rows = 0;
    for (FileStatus file : files) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
        rows += reader.getRecordCount();
      }
    }
    return rows;
  }
}
