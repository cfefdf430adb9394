package io.nightjar.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.plan.NightjarExtensions;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.ForkedJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that were not told of Nightjar; a process has one Spark, so they get another one. */
class TestMissingSettings {

  @Test
  void areNamedWithTheirValues(@TempDir Path folder) throws Exception {
    assertThat(ForkedJvm.run(Sessions.class, folder))
        .containsExactly(
            "Cannot score: setting spark.sql.extensions lacks"
                + " io.nightjar.spark.plan.NightjarExtensions; set it before the session is made",
            "Cannot score: setting spark.plugins lacks"
                + " io.nightjar.spark.executor.ScoringPlugin; set it before the session is made");
  }

  /** Scores without any setting, then without the plugin. */
  static final class Sessions {
    private Sessions() {}

    public static void main(String[] arguments) throws IOException {
      SparkSession.Builder builder =
          SparkSession.builder().master("local[1]").config("spark.ui.enabled", false);
      score(builder);
      score(builder.config("spark.sql.extensions", NightjarExtensions.class.getName()));
    }

    private static void score(SparkSession.Builder builder) throws IOException {
      try (SparkSession session = builder.getOrCreate()) {
        Nightjar.score(session.range(1).toDF(), ScoringSpec.of("nowhere"));
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
