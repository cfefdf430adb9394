package io.nightjar.spark.plan;

import org.apache.spark.sql.SparkSessionExtensions;
import scala.Function1;
import scala.runtime.BoxedUnit;

/**
 * Teaches a session to plan {@link Score} and {@link Lookup}: the value of {@code
 * spark.sql.extensions}.
 */
public final class NightjarExtensions implements Function1<SparkSessionExtensions, BoxedUnit> {

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    extensions.injectOptimizerRule(session -> new PushFilterThroughScore());
    extensions.injectOptimizerRule(session -> new PruneScore());
    extensions.injectPlannerStrategy(session -> new ScoreStrategy());
    extensions.injectColumnar(session -> new ScoreDirectly());
    return BoxedUnit.UNIT;
  }
}
