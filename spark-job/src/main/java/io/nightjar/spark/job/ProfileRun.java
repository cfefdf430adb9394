package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.executor.RowIdProfile;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Counts the row ids of a job's input, all or those of a sample, and writes what {@link
 * RowIdProfile} reads.
 */
final class ProfileRun {
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
            conf.spec().withRequired(input.required()));
    int hotRows = conf.profile().hotRows();
    try (RowIdLevels levels = new RowIdLevels(counted)) {
      Map<String, Row> figures = levels.figures(hotRows);
      List<Row> tables =
          model.config().tables().stream().map(table -> table(table, figures)).toList();
      write(stamped(levels.hot(hotRows)), session.createDataFrame(tables, schema()).coalesce(1));
      return lines(tables);
    }
  }

  /** The hot rows as they are written, those of a table in one file and sorted. */
  private Dataset<Row> stamped(Dataset<Row> hot) {
    return hot.withColumn(RowIdProfile.COUNTED_AT, lit(countedAt))
        .withColumn(RowIdProfile.VERSION, lit(model.version()))
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
    for (int share : RowIdLevels.SHARES) {
      schema = schema.add("rows_of_" + share + "_percent", DataTypes.LongType, false);
    }
    return schema
        .add("sample", DataTypes.DoubleType, false)
        .add(RowIdProfile.COUNTED_AT, DataTypes.StringType, false)
        .add("model_name", DataTypes.StringType, false)
        .add(RowIdProfile.VERSION, DataTypes.StringType, false);
  }

  /** As {@link #schema} says, also of a table that was never asked. */
  private Row table(EmbeddingTableConfig table, Map<String, Row> counted) {
    List<Object> values = new ArrayList<>(List.of(table.name(), table.numEmbeddings()));
    Row figures = counted.get(table.name());
    for (int i = 0; i < 4 + RowIdLevels.SHARES.length; i++) {
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
