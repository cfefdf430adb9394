package io.nightjar.spark.units;

import io.nightjar.spark.executor.FilePart;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Cuts a table into units: between files, and between the row groups of files that are large. */
public final class UnitPlanner {
  private static final int UNITS = 32;
  private static final long LEAST_BYTES = 64L << 20;

  private UnitPlanner() {}

  /**
   * Least bytes of a unit.
   *
   * @param total bytes of the table
   * @param said what the user wants; if empty, a 32nd of all bytes, but not below 64 MiB
   */
  public static long unitBytes(long total, OptionalLong said) {
    return said.orElse(Math.max(LEAST_BYTES, (total + UNITS - 1) / UNITS));
  }

  /**
   * Cuts {@code parts} of files into units of about the same size; the same are always cut alike.
   *
   * @param unitBytes least bytes of a unit
   * @return one unit at least, none of them without a part unless there is no file
   */
  public static List<Unit> plan(List<FilePart> parts, long unitBytes, Configuration hadoop)
      throws IOException {
    List<Unit> units = new ArrayList<>();
    List<FilePart> unit = new ArrayList<>();
    for (FilePart part : parts) {
      for (FilePart piece : pieces(part, unitBytes, hadoop)) {
        unit.add(piece);
        if (FileParts.bytes(unit) >= unitBytes) {
          units.add(new Unit(units.size(), FileParts.joined(unit)));
          unit.clear();
        }
      }
    }
    if (!unit.isEmpty() || units.isEmpty()) {
      units.add(new Unit(units.size(), FileParts.joined(unit)));
    }
    return units;
  }

  private static List<FilePart> pieces(FilePart part, long unitBytes, Configuration hadoop)
      throws IOException {
    if (part.bytes() <= unitBytes) {
      return List.of(part);
    }
    List<BlockMetaData> groups;
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(part.path()), hadoop))) {
      groups = reader.getRowGroups();
    }
    List<FilePart> pieces = new ArrayList<>();
    long from = part.from();
    // A reader takes a row group whose middle lies in its range.
    for (BlockMetaData group : groups) {
      long start = group.getStartingPos();
      // The first one begins behind the file's magic number.
      if (group != groups.get(0) && start > from && start < part.to()) {
        pieces.add(new FilePart(part.path(), from, start));
        from = start;
      }
    }
    pieces.add(new FilePart(part.path(), from, part.to()));
    return pieces;
  }
}
