package io.nightjar.spark.publish;

import java.io.IOException;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What tells a file from one that was cut short or changed.
 *
 * @param bytes its size
 * @param crc32c of its end, where Parquet says what is in it
 */
record FileEnd(long bytes, String crc32c) {
  /** A Parquet file's footer lies at its end. */
  private static final int CHECKED_BYTES = 64 << 10;

  /** That of {@code file}; reads its end. */
  static FileEnd of(FileSystem fs, Path file) throws IOException {
    long size = fs.getFileStatus(file).getLen();
    byte[] end = new byte[(int) Math.min(size, CHECKED_BYTES)];
    try (FSDataInputStream in = fs.open(file)) {
      in.readFully(size - end.length, end);
    }
    return new FileEnd(size, crc32c(end));
  }

  /** The checksum of {@code bytes}, as text. */
  static String crc32c(byte[] bytes) {
    CRC32C hash = new CRC32C();
    hash.update(bytes);
    return "%08x".formatted(hash.getValue());
  }
}
