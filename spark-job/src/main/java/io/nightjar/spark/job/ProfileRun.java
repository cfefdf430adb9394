package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.executor.RowIdProfile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
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
  List<String> run() {
    Dataset<Row> rows = input.rows();
    double sample = conf.profile().sample();
    Dataset<Row> counted =
        Nightjar.countRowIds(
            sample < 1 ? rows.sample(sample, SEED) : rows,
            conf.spec().withRequired(input.required()));
    WindowSpec byLookups =
        Window.partitionBy("table").orderBy(col("lookups").desc(), col("row_id").asc());
    Dataset<Row> ranked =
        counted
            .withColumn("rank", row_number().over(byLookups).minus(1))
            .withColumn("before", sum("lookups").over(byLookups).minus(col("lookups")))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      writeHot(ranked);
      List<Row> tables = tables(ranked);
      session
          .createDataFrame(tables, schema())
          .coalesce(1)
          .write()
          .mode(SaveMode.Overwrite)
          .parquet(new Path(path, RowIdProfile.TABLES).toString());
      return lines(tables);
    } finally {
      ranked.unpersist();
    }
  }

  private void writeHot(Dataset<Row> ranked) {
    ranked
        .where(col("rank").lt(conf.profile().hotRows()))
        .select(
            col("table"),
            col("rank"),
            col("row_id"),
            col("lookups"),
            lit(model.version()).as(RowIdProfile.VERSION))
        .repartition(col("table"))
        .sortWithinPartitions("table", "rank")
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(new Path(path, RowIdProfile.HOT).toString());
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
        .add("model_name", DataTypes.StringType, false)
        .add(RowIdProfile.VERSION, DataTypes.StringType, false);
  }

  /** A row for each table of the model, as {@link #schema} says, also for those never asked. */
  private List<Row> tables(Dataset<Row> ranked) {
    Column hot = col("rank").lt(conf.profile().hotRows());
    Dataset<Row> totals = ranked.groupBy(col("table").as("of")).agg(sum("lookups").as("total"));
    List<Column> figures = new ArrayList<>();
    figures.add(count("*"));
    figures.add(count_if(hot));
    figures.add(sum(when(hot, col("lookups")).otherwise(0L)));
    for (int share : SHARES) {
      // A row is needed for that share where those before it do not reach it.
      figures.add(count_if(col("before").multiply(100).lt(col("total").multiply(share))));
    }
    Map<String, Row> counted = new LinkedHashMap<>();
    ranked
        .join(totals, col("table").equalTo(col("of")))
        .groupBy("table")
        .agg(sum("lookups"), figures.toArray(Column[]::new))
        .collectAsList()
        .forEach(row -> counted.put(row.getString(0), row));
    return model.config().tables().stream().map(table -> table(table, counted)).toList();
  }

  private Row table(EmbeddingTableConfig table, Map<String, Row> counted) {
    List<Object> values = new ArrayList<>(List.of(table.name(), table.numEmbeddings()));
    Row figures = counted.get(table.name());
    for (int i = 0; i < 4 + SHARES.length; i++) {
      values.add(figures == null ? 0L : figures.getLong(1 + i));
    }
    values.addAll(List.of(conf.profile().sample(), model.config().name(), model.version()));
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
