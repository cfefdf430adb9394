package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.model.DlrmConfig;
import java.nio.ByteBuffer;

/**
 * One block of device memory with all that changes from batch to batch: numbers of rows and of
 * instances, and what each kernel must know of each feature. It never moves, so that one recording
 * serves every batch.
 */
final class BatchDescription {
  /** The number of rows, a zero, and the number of columns of ids. */
  private static final int HEAD_BYTES = 16;

  private final int denseInstances;
  private final int idFeatures;
  private final int bagFeatures;
  private final int renamedIds;
  private final int vectorSources;
  private final ByteBuffer host;
  private final DeviceBuffer device;

  BatchDescription(DlrmConfig config, Scratch scratch) {
    int dense = config.denseFeatures().size();
    int sparse = config.sparseFeatures().size();
    int mostShared = dense + sparse;
    this.denseInstances =
        HEAD_BYTES + (mostShared + mostShared % 2) * Integer.BYTES; // pointers follow
    this.idFeatures = denseInstances + dense * Long.BYTES;
    this.bagFeatures = idFeatures + (sparse + mostShared) * CheckIdsKernel.FEATURE_BYTES;
    this.renamedIds = bagFeatures + sparse * EmbeddingBagKernel.FEATURE_BYTES;
    this.vectorSources = renamedIds + sparse * RenameIdsKernel.FEATURE_BYTES;
    int bytes = vectorSources + config.vectors() * VectorSource.BYTES;
    this.host = scratch.pinned(bytes);
    this.device = scratch.device("description of a batch", bytes);
  }

  /** Address of the number of rows. */
  long rows() {
    return device.address();
  }

  /** Address of a zero. */
  long zero() {
    return device.address() + Integer.BYTES;
  }

  /** Address of the number of columns of ids. */
  long columns() {
    return device.address() + 2 * Integer.BYTES;
  }

  /** Address of the number of the batch's shared instances {@code group}. */
  long instances(int group) {
    return device.address() + HEAD_BYTES + (long) group * Integer.BYTES;
  }

  /** Address of an address a dense feature: of the rows' instances, or 0. */
  long denseInstances() {
    return device.address() + denseInstances;
  }

  /** Address of what {@link CheckIdsKernel} must know, one a column of ids. */
  long idFeatures() {
    return device.address() + idFeatures;
  }

  /** Address of what {@link EmbeddingBagKernel} must know, one a sparse feature. */
  long bagFeatures() {
    return device.address() + bagFeatures;
  }

  /** Address of what {@link RenameIdsKernel} must know, one a sparse feature. */
  long renamedIds() {
    return device.address() + renamedIds;
  }

  /** Address of {@link VectorSource}s, one a vector. */
  long vectorSources() {
    return device.address() + vectorSources;
  }

  /** Writes the counts of a batch. */
  void counts(FeatureBatch batch) {
    int columns = batch.sparseFeatures() + batch.shared().size();
    host.clear().putInt(batch.rows()).putInt(0).putInt(columns).position(HEAD_BYTES);
    batch.shared().forEach(instances -> host.putInt(instances.count()));
  }

  /** Where {@link #denseInstances} are written, in order. */
  ByteBuffer writeDenseInstances() {
    return host.position(denseInstances);
  }

  /** Where {@link #idFeatures} are written, in order. */
  ByteBuffer writeIdFeatures() {
    return host.position(idFeatures);
  }

  /** Where {@link #bagFeatures} are written, in order. */
  ByteBuffer writeBagFeatures() {
    return host.position(bagFeatures);
  }

  /** Where {@link #renamedIds} are written, in order. */
  ByteBuffer writeRenamedIds() {
    return host.position(renamedIds);
  }

  /** Where {@link #vectorSources} are written, in order. */
  ByteBuffer writeVectorSources() {
    return host.position(vectorSources);
  }

  /** Copies what was written to the device. */
  void copy(CudaStream stream) {
    stream.copyToDevice(device, 0, host, host.capacity());
  }
}
