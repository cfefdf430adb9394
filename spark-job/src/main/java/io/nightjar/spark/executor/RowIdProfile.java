package io.nightjar.spark.executor;

import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.ModelInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;

/**
 * The counted row ids of a job's input, as {@code nightjar profile} leaves them: a folder with two
 * Parquet tables, {@value #TABLES} with a row for each table of the model, and {@value #HOT} with
 * the hot rows of each. Both say of every row which version of the model they are for, and when
 * they were counted: they take their places one after the other, and are of use only together.
 */
public final class RowIdProfile {
  /** A row for each table: what it is asked for, and how often the same. */
  public static final String TABLES = "tables";

  /** A row for each hot row: {@code table}, {@code rank} from 0 on, {@code row_id}. */
  public static final String HOT = "hot";

  /** Column of both: {@link ModelInfo#version} of the model. */
  public static final String VERSION = "model_version";

  /** Column of both, the same in both if they are of one run. */
  public static final String COUNTED_AT = "counted_at";

  private RowIdProfile() {}

  /**
   * Makes sure that the profile in {@code location} is one of this model.
   *
   * @throws IllegalArgumentException if it is of another version or of two runs, or there is none
   * @throws UncheckedIOException if it cannot be read
   */
  static void check(String location, ModelInfo model, Configuration conf) {
    List<String> tables = new ArrayList<>(); // when each was counted
    read(
        location,
        TABLES,
        conf,
        row -> {
          checkVersion(location, row, model.version());
          tables.add(row.getString(COUNTED_AT, 0));
          return true;
        });
    if (tables.size() != model.config().tables().size()) {
      throw new IllegalArgumentException(
          "Cannot use the profile in %s: it is of %d tables, expected the %d of model %s"
              .formatted(
                  location, tables.size(), model.config().tables().size(), model.config().name()));
    }
    // There are no hot rows where nothing is asked for.
    countedAt(location, HOT, conf).ifPresent(hot -> checkRun(location, tables.get(0), hot));
  }

  /** When a table of the profile was counted; nothing if it is empty. */
  private static Optional<String> countedAt(String location, String table, Configuration conf) {
    List<String> first = new ArrayList<>();
    read(
        location,
        table,
        conf,
        row -> {
          first.add(row.getString(COUNTED_AT, 0));
          return false;
        });
    return first.stream().findFirst();
  }

  private static void checkRun(String location, String tables, String hot) {
    if (!tables.equals(hot)) {
      throw new IllegalArgumentException(
          "Cannot use the profile in %s: its tables were counted at %s, its hot rows at %s;"
                  .formatted(location, tables, hot)
              + " nightjar profile makes both anew");
    }
  }

  private static void checkVersion(String location, Group row, String expected) {
    String version = row.getString(VERSION, 0);
    if (!version.equals(expected)) {
      throw new IllegalArgumentException(
          "Cannot use the profile in %s: it is of model version %s, expected %s; nightjar profile"
                  .formatted(location, version, expected)
              + " makes one of that");
    }
  }

  /**
   * The hot rows of each table, most frequent first.
   *
   * @throws IllegalArgumentException if it is of another version or of two runs
   * @throws UncheckedIOException if it cannot be read
   */
  static List<int[]> hotRows(
      String location, String version, List<EmbeddingTableConfig> tables, Configuration conf) {
    Map<String, HotList> lists = new HashMap<>();
    String countedAt = countedAt(location, TABLES, conf).orElse("no time");
    read(
        location,
        HOT,
        conf,
        row -> {
          checkVersion(location, row, version);
          checkRun(location, countedAt, row.getString(COUNTED_AT, 0));
          lists
              .computeIfAbsent(row.getString("table", 0), table -> new HotList())
              .put(row.getInteger("rank", 0), row.getInteger("row_id", 0));
          return true;
        });
    return tables.stream()
        .map(table -> lists.getOrDefault(table.name(), new HotList()).rows())
        .toList();
  }

  /** Reads rows for as long as {@code each} wants more. */
  private static void read(
      String location, String table, Configuration conf, Predicate<Group> each) {
    Path folder = new Path(location, table);
    try {
      if (!folder.getFileSystem(conf).exists(folder)) {
        throw new IllegalArgumentException(
            "Cannot use the profile in "
                + location
                + ": there is none; nightjar profile makes one");
      }
      for (FileStatus file : folder.getFileSystem(conf).listStatus(folder)) {
        if (file.getPath().getName().endsWith(".parquet")) {
          try (ParquetReader<Group> reader =
              ParquetReader.builder(new GroupReadSupport(), file.getPath())
                  .withConf(conf)
                  .build()) {
            for (Group row = reader.read(); row != null; row = reader.read()) {
              if (!each.test(row)) {
                return;
              }
            }
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read the profile in " + location + ": " + e.getMessage(), e);
    }
  }

  /** Rows by rank, in whatever order they come. */
  private static final class HotList {
    private int[] rows = new int[16];
    private int count;

    void put(int rank, int row) {
      if (rank >= rows.length) {
        rows = Arrays.copyOf(rows, Math.max(rank + 1, 2 * rows.length));
      }
      rows[rank] = row;
      count = Math.max(count, rank + 1);
    }

    int[] rows() {
      return Arrays.copyOf(rows, count);
    }
  }
}
