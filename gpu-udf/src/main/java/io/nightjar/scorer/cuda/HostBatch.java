package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.BatchCheck;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A scorer's batch in pinned memory: what the caller fills, and what is found out of it before it
 * is copied. It may be copied more than once, until it is filled anew.
 */
final class HostBatch {
  private final DlrmConfig config;
  private final FeatureBatch batch;
  private final ByteBuffer description;
  private final IntBuffer oneIdABag;
  private final boolean[] hasOneIdABag;
  private List<DeviceIds.Column> columns = List.of();
  private BagCount bags = new BagCount(0, 0);

  HostBatch(CudaContext context, DlrmConfig config, int capacity, Closer closer) {
    this.config = config;
    this.batch =
        closer.add(
            new FeatureBatch(
                config.denseFeatures().size(),
                config.numEmbeddings(),
                capacity,
                context.pinnedMemory()));
    this.description = Scratch.pinned(context, BatchDescription.bytes(config), closer);
    this.oneIdABag = IntBuffer.wrap(IntStream.rangeClosed(0, capacity).toArray());
    this.hasOneIdABag = new boolean[config.sparseFeatures().size()];
  }

  /** What the caller fills. */
  FeatureBatch batch() {
    return batch;
  }

  /**
   * Looks at what was filled.
   *
   * @throws IllegalArgumentException if a bag ends outside its ids, or there are no instances
   */
  void filled() {
    BatchCheck.sizes(config, batch);
    List<DeviceIds.Column> filled = new ArrayList<>();
    long bagCount = 0;
    long idCount = 0;
    for (int f = 0; f < batch.sparseFeatures(); f++) {
      JaggedTensor tensor = batch.sparse(f);
      int count = tensor.instances().count();
      int ids = tensor.begin(count);
      filled.add(new DeviceIds.Column(tensor.ids(), ids));
      hasOneIdABag[f] =
          tensor.hasOneIdABag()
              || oneIdABag.slice(0, count + 1).equals(tensor.offsets().slice(0, count + 1));
      if (!hasOneIdABag[f]) {
        bagCount += count;
        idCount += ids;
      }
    }
    for (Instances instances : batch.shared()) {
      filled.add(new DeviceIds.Column(instances.ofRows(), batch.rows()));
    }
    columns = filled;
    bags = new BagCount(bagCount, idCount);
  }

  /** Ids of the sparse features, then the instances of the rows, of each that is shared. */
  List<DeviceIds.Column> columns() {
    return columns;
  }

  /** Whether every bag of a sparse feature has one id, so that its offsets need not cross. */
  boolean hasOneIdABag(int feature) {
    return hasOneIdABag[feature];
  }

  /** The bags that have to be pooled. */
  BagCount bags() {
    return bags;
  }

  /** Where the {@link BatchDescription} is written; to be left alone until it was copied. */
  ByteBuffer description() {
    return description;
  }

  /** What to throw for a fault that {@link CheckIdsKernel} has told. */
  IllegalArgumentException fault(long fault) {
    int column = (int) (fault >>> Integer.SIZE);
    int position = (int) fault & Integer.MAX_VALUE;
    boolean isId = (int) fault < 0;
    if (column >= batch.sparseFeatures()) {
      return BatchCheck.invalidInstance(config, batch, column - batch.sparseFeatures(), position);
    }
    return isId
        ? BatchCheck.invalidRowId(config, batch, column, position)
        : BatchCheck.invalidOffset(config, batch, column, position);
  }
}
