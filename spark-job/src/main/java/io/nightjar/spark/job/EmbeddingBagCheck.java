package io.nightjar.spark.job;

import io.nightjar.model.ModelInfo;
import io.nightjar.model.TensorInfo;
import io.nightjar.spark.executor.RowIdProfile;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.ScoringSpec;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Finds a way to pool bags that does not fit the model before Spark starts. */
final class EmbeddingBagCheck {
  private EmbeddingBagCheck() {}

  /**
   * Checks the variant against the model's tables, and the profile against its version.
   *
   * @throws JobException if they do not fit, or the profile cannot be read
   */
  static void check(ScoringSpec spec, ModelInfo model, Configuration hadoop) {
    EmbeddingBagSpec bags = spec.embeddingBag();
    for (TensorInfo table : model.layout().tables()) {
      Optional<String> whyNot = bags.variant().whyNot(spec.precision(), table.dtype());
      if (whyNot.isPresent()) {
        throw new JobException(
            ExitCode.CONFIG,
            "Invalid embedding-bag.variant: "
                + bags.variant()
                + ", expected another for table "
                + table.name()
                + ": "
                + whyNot.get());
      }
    }
    try {
      if (bags.needsProfile()) {
        RowIdProfile.check(bags.profile(), model, hadoop);
      }
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new JobException(ExitCode.CONFIG, e.getMessage(), e);
    }
  }
}
