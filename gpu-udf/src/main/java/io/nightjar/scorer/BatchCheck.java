package io.nightjar.scorer;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.model.DlrmConfig;
import java.nio.IntBuffer;

/** What every backend refuses of a batch, and in which words. */
public final class BatchCheck {
  private BatchCheck() {}

  /**
   * Checks that the bags of a feature follow one another from its first row id.
   *
   * @throws IllegalArgumentException naming the feature, the row and the value
   */
  public static void offsets(DlrmConfig config, FeatureBatch batch, int feature) {
    IntBuffer offsets = batch.sparse(feature).offsets();
    int capacity = batch.sparse(feature).values().capacity();
    if (offsets.get(0) != 0) {
      throw invalid("offset", config, feature, 0, offsets.get(0), "0");
    }
    int at = 0;
    for (int row = 1; row <= batch.rows(); row++) {
      int end = offsets.get(row);
      if (end < at || end > capacity) {
        throw invalid("offset", config, feature, row, end, at + " to " + capacity);
      }
      at = end;
    }
  }

  /**
   * What to throw for a row id outside its table.
   *
   * @param position of the id among the feature's; its offsets were checked
   */
  public static IllegalArgumentException invalidRowId(
      DlrmConfig config, FeatureBatch batch, int feature, int position) {
    int row = 0;
    while (batch.sparse(feature).offsets().get(row + 1) <= position) {
      row++;
    }
    return invalid(
        "row id",
        config,
        feature,
        row,
        batch.sparse(feature).values().get(position),
        "0 to " + (config.tableOf(feature).numEmbeddings() - 1));
  }

  private static IllegalArgumentException invalid(
      String what, DlrmConfig config, int feature, int row, int found, String expected) {
    return new IllegalArgumentException(
        "Invalid %s of sparse feature %s in row %d: %d, expected %s (num_embeddings %d)"
            .formatted(
                what,
                config.sparseFeatures().get(feature).name(),
                row,
                found,
                expected,
                config.tableOf(feature).numEmbeddings()));
  }
}
