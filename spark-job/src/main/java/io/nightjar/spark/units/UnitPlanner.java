package io.nightjar.spark.units;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Cuts a table into units: between files, and between the row groups of files that are large. */
public final class UnitPlanner {
  private static final int UNITS = 32;
  private static final long LEAST_BYTES = 64L << 20;

  private UnitPlanner() {}

  /**
   * Cuts {@code files} into units of about the same size; the same files are always cut alike.
   *
   * @param unitBytes least bytes of a unit; if empty, a 32nd of all bytes, but not below 64 MiB
   * @return one unit at least, none of them without a part unless there is no file
   */
  public static List<Unit> plan(
      List<FileStatus> files, OptionalLong unitBytes, Configuration hadoop) throws IOException {
    long total = files.stream().mapToLong(FileStatus::getLen).sum();
    long size = unitBytes.orElse(Math.max(LEAST_BYTES, (total + UNITS - 1) / UNITS));
    List<Unit> units = new ArrayList<>();
    List<FilePart> parts = new ArrayList<>();
    long bytes = 0;
    for (FileStatus file : files) {
      for (FilePart part : pieces(file, size, hadoop)) {
        append(parts, part);
        bytes += part.bytes();
        if (bytes >= size) {
          units.add(new Unit(units.size(), parts));
          parts.clear();
          bytes = 0;
        }
      }
    }
    if (!parts.isEmpty() || units.isEmpty()) {
      units.add(new Unit(units.size(), parts));
    }
    return units;
  }

  /** Adds {@code part}, as one with the last where it goes on from there. */
  private static void append(List<FilePart> parts, FilePart part) {
    FilePart last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    if (last != null && last.path().equals(part.path()) && last.to() == part.from()) {
      parts.set(parts.size() - 1, new FilePart(last.path(), last.from(), part.to()));
    } else {
      parts.add(part);
    }
  }

  private static List<FilePart> pieces(FileStatus file, long size, Configuration hadoop)
      throws IOException {
    if (file.getLen() <= size) {
      return List.of(new FilePart(file.getPath(), 0, file.getLen()));
    }
    List<BlockMetaData> groups;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(file, hadoop))) {
      groups = reader.getRowGroups();
    }
    List<FilePart> pieces = new ArrayList<>();
    long from = 0;
    for (int i = 0; i < groups.size(); i++) {
      // A reader takes a row group whose middle lies in its range.
      long to = i + 1 < groups.size() ? groups.get(i + 1).getStartingPos() : file.getLen();
      pieces.add(new FilePart(file.getPath(), from, to));
      from = to;
    }
    return pieces;
  }
}
