package io.nightjar.spark.job;

import io.nightjar.batch.Transform;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.ModelInfo;
import io.nightjar.spark.manifest.Sizes;
import io.nightjar.spark.spec.FeatureSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.classic.Dataset;

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
    title("Memory of an executor");
    ExecutorMemory.of(conf, model, plan)
        .lines(plan.backend().backend())
        .forEach(text -> line("%s", text));
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
    line("%s", ScoreInput.describe(query.sparkPlan(), plan.sources()));
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
