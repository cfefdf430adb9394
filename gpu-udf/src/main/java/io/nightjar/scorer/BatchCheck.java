package io.nightjar.scorer;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.batch.PackedIds;
import io.nightjar.model.DlrmConfig;
import java.nio.IntBuffer;

/** What every backend refuses of a batch, and in which words. */
public final class BatchCheck {
  private BatchCheck() {}

  /**
   * Checks what can be told without looking at every row: that the last bag of each sparse feature
   * ends among its ids, and that there are instances where there are rows.
   *
   * @throws IllegalArgumentException naming the feature and the value
   */
  public static void sizes(DlrmConfig config, FeatureBatch batch) {
    for (int g = 0; g < batch.shared().size(); g++) {
      Instances instances = batch.shared().get(g);
      int count = instances.count();
      if (count < 0 || count > batch.capacity() || (count == 0 && batch.rows() > 0)) {
        throw new IllegalArgumentException(
            "Invalid number of instances of feature %s: %d, expected %d to %d"
                .formatted(
                    featureOf(config, batch, instances),
                    count,
                    batch.rows() > 0 ? 1 : 0,
                    batch.capacity()));
      }
    }
    for (int f = 0; f < batch.sparseFeatures(); f++) {
      int bags = batch.sparse(f).instances().count();
      int end = batch.sparse(f).begin(bags);
      if (end < 0 || end > batch.sparse(f).ids().capacity()) {
        throw invalidOffset(config, batch, f, bags);
      }
    }
  }

  /**
   * Checks that every row has one of its instances, and that the bags of every feature follow one
   * another from its first row id to its last; {@link #sizes} comes first.
   *
   * @throws IllegalArgumentException naming the feature, the row and the value
   */
  public static void rows(DlrmConfig config, FeatureBatch batch) {
    for (int g = 0; g < batch.shared().size(); g++) {
      Instances instances = batch.shared().get(g);
      for (int row = 0; row < batch.rows(); row++) {
        int instance = instances.of(row);
        if (instance < 0 || instance >= instances.count()) {
          throw invalidInstance(config, batch, g, row);
        }
      }
    }
    for (int f = 0; f < batch.sparseFeatures(); f++) {
      if (batch.sparse(f).hasOneIdABag()) {
        continue;
      }
      IntBuffer offsets = batch.sparse(f).offsets();
      int bags = batch.sparse(f).instances().count();
      int end = offsets.get(bags);
      int at = 0;
      for (int bag = 0; bag <= bags; bag++) {
        if (offsets.get(bag) < at || offsets.get(bag) > (bag == 0 ? 0 : end)) {
          throw invalidOffset(config, batch, f, bag);
        }
        at = offsets.get(bag);
      }
    }
  }

  /**
   * What to throw for an offset that falls, or lies outside its ids.
   *
   * @param bag which offset it is; those before it are as they should be
   */
  public static IllegalArgumentException invalidOffset(
      DlrmConfig config, FeatureBatch batch, int feature, int bag) {
    JaggedTensor bags = batch.sparse(feature);
    int count = bags.instances().count();
    int least = bag == 0 || bag == count ? 0 : bags.offsets().get(bag - 1);
    int most = bag == count ? bags.ids().capacity() : bags.offsets().get(count);
    return invalid(
        "offset",
        config,
        batch,
        feature,
        bag,
        String.valueOf(bags.begin(bag)),
        bag == 0 ? "0" : least + " to " + most);
  }

  /**
   * What to throw for a row id outside its table.
   *
   * @param position of the id among the feature's; its offsets were checked
   */
  public static IllegalArgumentException invalidRowId(
      DlrmConfig config, FeatureBatch batch, int feature, int position) {
    JaggedTensor bags = batch.sparse(feature);
    int bag = 0;
    while (bags.begin(bag + 1) <= position) {
      bag++;
    }
    return invalid(
        "row id",
        config,
        batch,
        feature,
        bag,
        text(bags.ids(), position),
        "0 to " + (config.tableOf(feature).numEmbeddings() - 1));
  }

  /**
   * What to throw for a row without its instance.
   *
   * @param group which of the batch's shared instances
   */
  public static IllegalArgumentException invalidInstance(
      DlrmConfig config, FeatureBatch batch, int group, int row) {
    Instances instances = batch.shared().get(group);
    return new IllegalArgumentException(
        "Invalid instance of feature %s in row %d: %s, expected 0 to %d"
            .formatted(
                featureOf(config, batch, instances),
                row,
                text(instances.ofRows(), row),
                instances.count() - 1));
  }

  /** An id in words, also one that was not kept since it did not fit its bytes. */
  private static String text(PackedIds ids, int position) {
    int id = ids.get(position);
    return ids.idBytes() == Integer.BYTES || id != -1
        ? String.valueOf(id)
        : "not 0 to " + ((1 << (Byte.SIZE * ids.idBytes())) - 2);
  }

  private static String featureOf(DlrmConfig config, FeatureBatch batch, Instances instances) {
    for (int f = 0; f < batch.sparseFeatures(); f++) {
      if (batch.sparse(f).instances() == instances) {
        return config.sparseFeatures().get(f).name();
      }
    }
    for (int f = 0; f < batch.denseFeatures(); f++) {
      if (batch.denseInstances(f) == instances) {
        return config.denseFeatures().get(f);
      }
    }
    return "none";
  }

  private static IllegalArgumentException invalid(
      String what,
      DlrmConfig config,
      FeatureBatch batch,
      int feature,
      int bag,
      String found,
      String expected) {
    return new IllegalArgumentException(
        "Invalid %s of sparse feature %s in %s %d: %s, expected %s (num_embeddings %d)"
            .formatted(
                what,
                config.sparseFeatures().get(feature).name(),
                batch.sparse(feature).instances().areRows() ? "row" : "instance",
                bag,
                found,
                expected,
                config.tableOf(feature).numEmbeddings()));
  }
}
