package io.nightjar.spark.job;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/**
 * What the footers of Parquet files say; no data is read.
 *
 * @param rows of all files together
 * @param largestGroup bytes of the largest row group, as they lie in its file
 */
record ParquetFooters(long rows, long largestGroup) {
  /** Most footers that are read side by side; what takes time is waiting for storage. */
  private static final int SIDE_BY_SIDE = 32;

  private static final ParquetFooters NONE = new ParquetFooters(0, 0);

  /** The Parquet files that lie in {@code folder} itself. */
  static List<FileStatus> files(Path folder, Configuration hadoop) throws IOException {
    FileSystem fs = folder.getFileSystem(hadoop);
    return Arrays.stream(fs.listStatus(folder))
        .filter(status -> status.isFile() && status.getPath().getName().endsWith(".parquet"))
        .toList();
  }

  /** Rows of {@code files}, all together. */
  static long rows(List<FileStatus> files, Configuration hadoop) throws IOException {
    return of(files, hadoop).rows();
  }

  /**
   * Reads the footers of {@code files}.
   *
   * @throws JobException naming a file that has none
   */
  static ParquetFooters of(List<FileStatus> files, Configuration hadoop) throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(Math.max(1, Math.min(SIDE_BY_SIDE, files.size())));
    try {
      List<Future<ParquetFooters>> footers = new ArrayList<>();
      files.forEach(file -> footers.add(threads.submit(() -> of(file, hadoop))));
      ParquetFooters all = NONE;
      for (Future<ParquetFooters> footer : footers) {
        all = all.and(footer.get());
      }
      return all;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Cannot read footers: interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof JobException known) {
        throw known;
      }
      throw new IOException("Cannot read footers: " + e.getCause().getMessage(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static ParquetFooters of(FileStatus file, Configuration hadoop) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
      long largest =
          reader.getRowGroups().stream()
              .mapToLong(BlockMetaData::getCompressedSize)
              .max()
              .orElse(0);
      return new ParquetFooters(reader.getRecordCount(), largest);
    } catch (IOException | RuntimeException e) {
      // Parquet says by a RuntimeException what is wrong with a file.
      throw new JobException(
          ExitCode.INPUT, "Cannot read the footer of " + file.getPath() + ": " + e.getMessage(), e);
    }
  }

  private ParquetFooters and(ParquetFooters other) {
    return new ParquetFooters(rows + other.rows, Math.max(largestGroup, other.largestGroup));
  }
}
