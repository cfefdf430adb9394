package io.nightjar.spark.job;

import io.nightjar.batch.Transform;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.plan.ScoreExec;
import io.nightjar.spark.spec.FeatureSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.classic.Dataset;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import scala.jdk.javaapi.CollectionConverters;

/** Says what a run would do and why, for people. */
final class Explanation {
  private final ScoringConf conf;
  private final ModelInfo model;
  private final RunPlan plan;
  private final List<String> lines = new ArrayList<>();

  Explanation(ScoringConf conf, ModelInfo model, RunPlan plan) {
    this.conf = conf;
    this.model = model;
    this.plan = plan;
  }

  /** All of it, a line each. */
  List<String> lines() {
    config();
    model();
    features();
    plan.input().join().ifPresent(this::join);
    plan();
    memory();
    return lines;
  }

  private void config() {
    lines.add("Config");
    int keys = widest(conf.settings().stream().map(Setting::key));
    int values = widest(conf.settings().stream().map(Setting::value));
    String format = "%-" + keys + "s  %-" + values + "s  %s";
    for (Setting setting : conf.settings()) {
      line(format, setting.key(), setting.value(), setting.origin());
    }
  }

  private void model() {
    DlrmConfig config = model.config();
    title("Model");
    line("%s %s", config.name(), model.version());
    conf.spec().modelVersion().ifPresent(version -> line("version %s", version));
    line("%s", conf.spec().model());
    line(
        "%d dense features, %d sparse features, %d tables, %s of weights",
        config.denseFeatures().size(),
        config.sparseFeatures().size(),
        config.tables().size(),
        Sizes.of(model.weightBytes()));
    title("Backend");
    line("%s", plan.backend());
  }

  private void features() {
    title("Features");
    String input = "%-" + widest(plan.sources().keySet().stream()) + "s <- ";
    for (String name : model.config().denseFeatures()) {
      line(input + "%s", name, dense(plan.sources().get(name)));
    }
    for (int i = 0; i < model.config().sparseFeatures().size(); i++) {
      String name = model.config().sparseFeatures().get(i).name();
      EmbeddingTableConfig table = model.config().tableOf(i);
      line(
          input + "%s -> table %s, %,d rows",
          name,
          sparse(plan.sources().get(name)),
          table.name(),
          table.numEmbeddings());
    }
  }

  private static String dense(FeatureSource source) {
    String text = value(source);
    if (source.nullValue().isPresent()) {
      text += ", null is " + source.nullValue().getAsDouble();
    }
    if (source.transform() != Transform.NONE) {
      text += ", then " + source.transform().name().toLowerCase(Locale.ROOT);
    }
    return text + once(source);
  }

  private static String sparse(FeatureSource source) {
    String text = value(source);
    if (source.hashMod().isPresent()) {
      text += ", xxhash64 modulo " + source.hashMod().getAsLong();
    }
    return text + once(source);
  }

  private static String once(FeatureSource source) {
    return source.key().map(key -> ", once a " + Columns.plain(key)).orElse("");
  }

  private static String value(FeatureSource source) {
    return source.value() instanceof FeatureSource.Sql sql
        ? "sql " + sql.expression()
        : Columns.plain(((FeatureSource.Column) source.value()).name());
  }

  private void join(JoinOrder order) {
    title("Join");
    order.steps().forEach(step -> line("%s  %s", step.table(), step.why()));
  }

  private void plan() {
    var query = ((Dataset<?>) plan.scores()).queryExecution();
    title("Plan");
    query.executedPlan().treeString().lines().forEach(text -> line("%s", text));
    lines.add("");
    line("%s", columnar(query.sparkPlan()));
  }

  /** Whether the scores are computed from columns, and what stands in the way. */
  private String columnar(SparkPlan planned) {
    return obstacle(find(planned).orElseThrow().child())
        .map(obstacle -> "Score reads rows: " + obstacle + ".")
        .orElse("Score reads columns.");
  }

  private static Optional<ScoreExec> find(SparkPlan node) {
    if (node instanceof ScoreExec score) {
      return Optional.of(score);
    }
    return CollectionConverters.asJava(node.children()).stream()
        .flatMap(child -> find(child).stream())
        .findFirst();
  }

  private Optional<String> obstacle(SparkPlan node) {
    if (node.supportsColumnar()) {
      return Optional.empty();
    } else if (node instanceof FileSourceScanExec) {
      return Optional.of("the scan does not give columns for these types and settings");
    }
    String name = node.nodeName();
    if (name.contains("Join")) {
      return Optional.of("a join gives rows");
    } else if (name.equals("Filter")) {
      return Optional.of("a filter on data gives rows; one on partition columns would not");
    }
    List<String> sql =
        plan.sources().entrySet().stream()
            .filter(source -> source.getValue().value() instanceof FeatureSource.Sql)
            .map(source -> "features." + source.getKey() + ".sql")
            .toList();
    if (name.equals("Project") && !sql.isEmpty()) {
      return Optional.of(
          String.join(", ", sql) + (sql.size() == 1 ? " is an expression" : " are expressions"));
    }
    // A projection of plain columns vanishes before the run; what is below it remains.
    return name.equals("Project")
        ? obstacle(node.children().head())
        : Optional.of(name + " gives rows");
  }

  private void memory() {
    ExecutorMemory memory = ExecutorMemory.of(conf, model, plan);
    title("Memory of an executor");
    line(
        "%-10s %10s  %s",
        "device",
        Sizes.of(memory.device()),
        memory.device() == 0
            ? "the CPU backend has none"
            : "weights, and batches of %d rows for as many tasks as there are, at one row id a bag"
                .formatted(memory.batchRows()));
    line(
        "%-10s %10s  %s",
        "mapped", Sizes.of(memory.mapped()), "the model's files, in the page cache");
    String batches =
        "batches of %d scorers, %d rows each, at one row id a bag"
            .formatted(memory.scorers(), memory.batchRows());
    boolean pins = plan.backend().backend() == Backend.CUDA;
    line(
        "%-10s %10s  %s",
        "pinned", Sizes.of(memory.pinned()), pins ? batches : "the CPU backend pins nothing");
    line(
        "%-10s %10s  %s",
        "direct", Sizes.of(memory.direct()), pins ? "the CUDA backend pins its batches" : batches);
    line(
        "%-10s %10s  %s",
        "weights",
        Sizes.of(memory.weights()),
        pins ? "they are on the device" : "MLPs and cross network as fp32");
    line(
        "%-10s %10s  %s",
        "off-heap",
        Sizes.of(memory.offHeap()),
        "column vectors of " + memory.slots() + " tasks, at Spark's default size of each type");
    line(
        "%-10s %10s  spark.executor.memoryOverhead must hold all but the mapped: %s",
        "overhead", Sizes.of(memory.overhead()), memory.fits() ? "it does" : "raise it");
  }

  private static int widest(Stream<String> texts) {
    return texts.mapToInt(String::length).max().orElse(1);
  }

  private void title(String title) {
    lines.add("");
    lines.add(title);
  }

  private void line(String format, Object... values) {
    lines.add("  " + String.format(Locale.ROOT, format, values).stripTrailing());
  }
}
