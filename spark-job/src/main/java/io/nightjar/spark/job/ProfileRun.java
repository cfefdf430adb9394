package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;

import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.executor.RowIdProfile;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * Counts the row ids of a job's input, all or those of a sample, and writes what {@link
 * RowIdProfile} reads.
 */
final class ProfileRun {
  /** Of how many rows a share of all lookups is, for these shares in percent. */
  private static final int[] SHARES = {50, 80, 90, 99};

  private static final long SEED = 1;

  private final SparkSession session;
  private final ScoringConf conf;
  private final ModelInfo model;
  private final ScoringInput input;
  private final String path;

  /** Stamps both tables, so that they are known to be of one run. */
  private final String countedAt = Instant.now().toString();

  ProfileRun(SparkSession session, ScoringConf conf, ModelInfo model, ScoringInput input) {
    this.session = session;
    this.conf = conf;
    this.model = model;
    this.input = input;
    this.path =
        conf.profile()
            .path()
            .orElseThrow(
                () ->
                    new JobException(
                        ExitCode.CONFIG,
                        "Invalid profile.path: nothing, expected a folder for what is counted"));
  }

  /** Counts and writes; gives a summary for people, a line each. */
  List<String> run() throws IOException {
    Dataset<Row> rows = input.rows();
    double sample = conf.profile().sample();
    Dataset<Row> counted =
        Nightjar.countRowIds(
                sample < 1 ? rows.sample(sample, SEED) : rows,
                conf.spec().withRequired(input.required()))
            .persist(StorageLevel.MEMORY_AND_DISK());
    Dataset<Row> levels = levels(counted).persist(StorageLevel.MEMORY_AND_DISK());
    try {
      List<Row> tables = tables(levels);
      write(hot(counted, levels), session.createDataFrame(tables, schema()).coalesce(1));
      return lines(tables);
    } finally {
      levels.unpersist();
      counted.unpersist();
    }
  }

  /**
   * How many rows of a table are asked for how often, and how many rows and lookups come before
   * them. There are few such levels, so that what has to be put in order by one task a table is
   * small, and the rows themselves stay spread over all tasks.
   */
  private static Dataset<Row> levels(Dataset<Row> counted) {
    WindowSpec before =
        Window.partitionBy("table")
            .orderBy(col("lookups").desc())
            .rowsBetween(Window.unboundedPreceding(), -1);
    return counted
        .groupBy("table", "lookups")
        .agg(count("*").as("rows"))
        .withColumn("rows_before", coalesce(sum("rows").over(before), lit(0L)))
        .withColumn(
            "lookups_before",
            coalesce(sum(col("rows").multiply(col("lookups"))).over(before), lit(0L)));
  }

  /** The hot rows by rank. Of the last level that has any, all rows are put in order. */
  private Dataset<Row> hot(Dataset<Row> counted, Dataset<Row> levels) {
    int most = conf.profile().hotRows();
    WindowSpec byLookups =
        Window.partitionBy("table").orderBy(col("lookups").desc(), col("row_id").asc());
    return counted
        .join(
            levels.where(col("rows_before").lt(most)).select("table", "lookups"),
            new String[] {"table", "lookups"},
            "left_semi")
        .withColumn("rank", row_number().over(byLookups).minus(1))
        .where(col("rank").lt(most))
        .select(
            col("table"),
            col("rank"),
            col("row_id"),
            col("lookups"),
            lit(countedAt).as(RowIdProfile.COUNTED_AT),
            lit(model.version()).as(RowIdProfile.VERSION))
        .repartition(col("table"))
        .sortWithinPartitions("table", "rank");
  }

  /**
   * Writes both tables aside, and has them take their places only then. A reader between the two
   * renames finds that they were counted at other times.
   */
  private void write(Dataset<Row> hot, Dataset<Row> tables) throws IOException {
    Path written = new Path(path, ".writing");
    FileSystem fs = written.getFileSystem(session.sessionState().newHadoopConf());
    fs.delete(written, true); // of a run that died
    try {
      hot.write().parquet(new Path(written, RowIdProfile.HOT).toString());
      tables.write().parquet(new Path(written, RowIdProfile.TABLES).toString());
      for (String name : List.of(RowIdProfile.HOT, RowIdProfile.TABLES)) {
        Path place = new Path(path, name);
        fs.delete(place, true);
        if (!fs.rename(new Path(written, name), place)) {
          throw new IOException(
              "Cannot write the profile: " + written + " could not be renamed to " + place);
        }
      }
    } finally {
      fs.delete(written, true);
    }
  }

  private static StructType schema() {
    StructType schema =
        new StructType()
            .add("table", DataTypes.StringType, false)
            .add("num_embeddings", DataTypes.IntegerType, false)
            .add("lookups", DataTypes.LongType, false)
            .add("unique_rows", DataTypes.LongType, false)
            .add("hot_rows", DataTypes.LongType, false)
            .add("hot_lookups", DataTypes.LongType, false);
    for (int share : SHARES) {
      schema = schema.add("rows_of_" + share + "_percent", DataTypes.LongType, false);
    }
    return schema
        .add("sample", DataTypes.DoubleType, false)
        .add(RowIdProfile.COUNTED_AT, DataTypes.StringType, false)
        .add("model_name", DataTypes.StringType, false)
        .add(RowIdProfile.VERSION, DataTypes.StringType, false);
  }

  /** A row for each table of the model, as {@link #schema} says, also for those never asked. */
  private List<Row> tables(Dataset<Row> levels) {
    Column lookups = col("rows").multiply(col("lookups"));
    Column hot = least(col("rows"), greatest(lit(0L), hotRowsLeft()));
    List<Column> figures = new ArrayList<>();
    figures.add(sum("rows"));
    figures.add(sum(hot));
    figures.add(sum(hot.multiply(col("lookups"))));
    for (int share : SHARES) {
      // Of a level so many rows are needed for that share as it takes to reach it from those
      // before.
      Column needed =
          expr(
              "(total * %d - lookups_before * 100 + lookups * 100 - 1) div (lookups * 100)"
                  .formatted(share));
      figures.add(sum(least(col("rows"), greatest(lit(0L), needed))));
    }
    Dataset<Row> totals = levels.groupBy(col("table").as("of")).agg(sum(lookups).as("total"));
    Map<String, Row> counted = new LinkedHashMap<>();
    levels
        .join(totals, col("table").equalTo(col("of")))
        .groupBy("table")
        .agg(sum(lookups), figures.toArray(Column[]::new))
        .collectAsList()
        .forEach(row -> counted.put(row.getString(0), row));
    return model.config().tables().stream().map(table -> table(table, counted)).toList();
  }

  /** Of the hot rows those that the levels before leave. */
  private Column hotRowsLeft() {
    return lit((long) conf.profile().hotRows()).minus(col("rows_before"));
  }

  private Row table(EmbeddingTableConfig table, Map<String, Row> counted) {
    List<Object> values = new ArrayList<>(List.of(table.name(), table.numEmbeddings()));
    Row figures = counted.get(table.name());
    for (int i = 0; i < 4 + SHARES.length; i++) {
      values.add(figures == null ? 0L : figures.getLong(1 + i));
    }
    values.addAll(
        List.of(conf.profile().sample(), countedAt, model.config().name(), model.version()));
    return RowFactory.create(values.toArray());
  }

  private List<String> lines(List<Row> tables) {
    List<String> lines = new ArrayList<>();
    double sample = conf.profile().sample();
    lines.add(
        String.format(
            Locale.ROOT,
            "Nightjar counted the row ids of %s for model %s %s",
            sample < 1 ? "a sample of " + sample + " of the rows" : "all rows",
            model.config().name(),
            model.version()));
    lines.add("  profile   " + path);
    for (Row table : tables) {
      long lookups = table.getLong(2);
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-9s %,d lookups of %,d of %,d rows; the %,d hot rows have %.1f %%",
              table.getString(0),
              lookups,
              table.getLong(3),
              table.getInt(1),
              table.getLong(4),
              lookups == 0 ? 0 : 100.0 * table.getLong(5) / lookups));
    }
    return lines;
  }
}
