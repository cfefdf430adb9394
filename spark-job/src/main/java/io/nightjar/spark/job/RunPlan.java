package io.nightjar.spark.job;

import static org.apache.spark.sql.functions.col;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.SparseFeature;
import io.nightjar.spark.InvalidInputException;
import io.nightjar.spark.LeafColumns;
import io.nightjar.spark.Nightjar;
import io.nightjar.spark.executor.SharedInputs;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * What a run will do, before it does it.
 *
 * @param input the rows to score
 * @param sources model input to its source, every one of them, in the model's order
 * @param backend what computes the scores
 * @param scores the columns to write
 */
record RunPlan(
    ScoringInput input,
    Map<String, FeatureSource> sources,
    ChosenBackend backend,
    Dataset<Row> scores) {

  /**
   * Plans the run; reads footers, but no data.
   *
   * @throws JobException if input, model and config do not fit together
   */
  static RunPlan of(SparkSession session, ScoringConf conf, DlrmConfig model) {
    ScoringInput input = input(session, conf, model);
    Map<String, FeatureSource> sources = withKeys(sources(conf.spec(), model), input);
    List<String> kept = keptColumns(input.rows(), conf.output());
    ColumnCheck.added(input.rows(), conf.spec());
    ColumnCheck.kept(kept, conf.spec());
    allowColumns(session, input.rows().schema());

    Dataset<Row> scored = score(input, withSources(conf.spec(), sources));
    List<Column> columns = new ArrayList<>();
    kept.forEach(name -> columns.add(col(ConfReader.quoted(name))));
    columns.add(col(ConfReader.quoted(conf.spec().scoreColumn())));
    conf.spec().logitColumn().ifPresent(name -> columns.add(col(ConfReader.quoted(name))));
    Dataset<Row> scores = scored.select(columns.toArray(Column[]::new));
    ColumnCheck.keys(scores, conf.safety());
    return new RunPlan(input, sources, ChosenBackend.of(conf.spec()), scores);
  }

  /**
   * What the run reads; every column that it needs is there.
   *
   * @throws JobException if input, model and config do not fit together
   */
  static ScoringInput input(SparkSession session, ScoringConf conf, DlrmConfig model) {
    ScoringInput input = new InputReader(session).read(conf.input());
    ColumnCheck.read(input.rows(), sources(conf.spec(), model), conf);
    return input;
  }

  /** Says of every column of a table that is joined that its key decides the value. */
  private static Map<String, FeatureSource> withKeys(
      Map<String, FeatureSource> sources, ScoringInput input) {
    Map<String, FeatureSource> keyed = new LinkedHashMap<>(sources);
    for (ScoringInput.KeyedRows table : input.tables()) {
      String name = table.conf().key();
      String key = ConfReader.quoted(name);
      if (SharedInputs.takes(Columns.type(input.rows(), name))) {
        keyed.replaceAll((feature, source) -> isOf(source, table) ? source.withKey(key) : source);
      }
    }
    return keyed;
  }

  private static boolean isOf(FeatureSource source, ScoringInput.KeyedRows table) {
    return source.value() instanceof FeatureSource.Column column
        && table.columns().stream().anyMatch(Columns.plain(column.name())::equalsIgnoreCase);
  }

  private static ScoringSpec withSources(ScoringSpec spec, Map<String, FeatureSource> sources) {
    ScoringSpec whole = spec;
    for (Map.Entry<String, FeatureSource> source : sources.entrySet()) {
      whole = whole.withFeature(source.getKey(), source.getValue());
    }
    return whole;
  }

  private static Dataset<Row> score(ScoringInput input, ScoringSpec spec) {
    try {
      return Nightjar.score(input.rows(), spec.withRequired(input.required()));
    } catch (InvalidInputException e) {
      throw new JobException(ExitCode.INPUT, e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new JobException(ExitCode.CONFIG, e.getMessage(), e);
    }
  }

  /**
   * Every model input's source; an entry of the config that the model has no input for is wrong.
   */
  private static Map<String, FeatureSource> sources(ScoringSpec spec, DlrmConfig model) {
    List<String> inputs =
        Stream.concat(
                model.denseFeatures().stream(),
                model.sparseFeatures().stream().map(SparseFeature::name))
            .toList();
    for (String name : spec.features().keySet()) {
      if (!inputs.contains(name)) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid features."
                + name
                + ": model "
                + model.name()
                + " has no such input, expected one such as "
                + ConfigKey.nearest(name, inputs));
      }
    }
    Map<String, FeatureSource> sources = new LinkedHashMap<>();
    for (String input : inputs) {
      FeatureSource said = spec.features().get(input);
      sources.put(input, said != null ? said : FeatureSource.column(ConfReader.quoted(input)));
    }
    return sources;
  }

  private static List<String> keptColumns(Dataset<Row> rows, OutputConf output) {
    if (output.keepColumns().contains("*")) {
      return Stream.of(rows.columns()).filter(name -> !JoinedTable.isMarker(name)).toList();
    }
    return output.keepColumns().stream()
        .map(name -> Columns.find(rows, name).orElse(name))
        .distinct()
        .toList();
  }

  /** Above this many fields a scan would silently give rows instead of columns. */
  private static void allowColumns(SparkSession session, StructType schema) {
    int fields = LeafColumns.count(schema);
    if (Integer.parseInt(session.conf().get(LeafColumns.LIMIT_KEY)) < fields) {
      session.conf().set(LeafColumns.LIMIT_KEY, fields);
    }
  }
}
