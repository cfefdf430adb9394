package io.nightjar.spark.executor;

import io.nightjar.model.ModelInfo;
import io.nightjar.model.TensorInfo;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Finds a way to pool bags that does not fit the model before anything is scored. */
public final class EmbeddingBagCheck {
  private EmbeddingBagCheck() {}

  /**
   * Checks the variant against the model's tables, and the profile against its version.
   *
   * @throws IllegalArgumentException if they do not fit
   * @throws java.io.UncheckedIOException if the profile cannot be read
   */
  public static void check(
      EmbeddingBagSpec bags, Precision precision, ModelInfo model, Configuration hadoop) {
    for (TensorInfo table : model.layout().tables()) {
      Optional<String> whyNot = bags.variant().whyNot(precision, table.dtype());
      if (whyNot.isPresent()) {
        throw new IllegalArgumentException(
            "Invalid embedding-bag.variant: "
                + bags.variant()
                + ", expected another for table "
                + table.name()
                + ": "
                + whyNot.get());
      }
    }
    if (bags.needsProfile()) {
      if (bags.profile().isEmpty()) {
        throw new IllegalArgumentException(
            "Invalid embedding-bag.variant: "
                + bags.variant()
                + (bags.reorder() ? " with rows in another order" : "")
                + ", expected a profile beside it");
      }
      RowIdProfile.check(bags.profile(), model, hadoop);
    }
  }
}
