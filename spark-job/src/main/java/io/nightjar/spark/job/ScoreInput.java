package io.nightjar.spark.job;

import io.nightjar.spark.plan.ScoreExec;
import io.nightjar.spark.spec.FeatureSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.execution.SparkPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Says whether scores are computed from columns and, where they are not, what stands in the way.
 */
final class ScoreInput {
  private ScoreInput() {}

  /**
   * Says so of the scores in {@code planned}, in a sentence.
   *
   * @param sources model input to its source
   */
  static String describe(SparkPlan planned, Map<String, FeatureSource> sources) {
    return obstacle(score(planned).orElseThrow().child(), sources)
        .map(obstacle -> "Score reads rows: " + obstacle + ".")
        .orElse("Score reads columns.");
  }

  private static Optional<ScoreExec> score(SparkPlan node) {
    if (node instanceof ScoreExec score) {
      return Optional.of(score);
    }
    return CollectionConverters.asJava(node.children()).stream()
        .flatMap(child -> score(child).stream())
        .findFirst();
  }

  private static Optional<String> obstacle(SparkPlan node, Map<String, FeatureSource> sources) {
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
    } else if (!name.equals("Project")) {
      return Optional.of(name + " gives rows");
    }
    List<String> sql =
        sources.entrySet().stream()
            .filter(source -> source.getValue().value() instanceof FeatureSource.Sql)
            .map(source -> "features." + source.getKey() + ".sql")
            .toList();
    // A projection of plain columns vanishes before the run; what is below it remains.
    return sql.isEmpty()
        ? obstacle(node.children().head(), sources)
        : Optional.of(
            String.join(", ", sql) + (sql.size() == 1 ? " is an expression" : " are expressions"));
  }
}
