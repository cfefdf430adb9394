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
 *
 * <p>It is written into pinned memory of whoever has the batch, and stays there until it was
 * copied.
 */
final class BatchDescription {
  /** The number of rows, a zero, and the number of columns of ids. */
  private static final int HEAD_BYTES = 16;

  private final Layout layout;
  private final DeviceBuffer device;

  /**
   * Where the parts lie.
   *
   * @param bytes where the last one ends
   */
  private record Layout(
      int denseFeatures,
      int idFeatures,
      int bagFeatures,
      int renamedIds,
      int vectorSources,
      int bytes) {

    static Layout of(DlrmConfig config) {
      int dense = config.denseFeatures().size();
      int sparse = config.sparseFeatures().size();
      int mostShared = dense + sparse;
      int denseFeatures =
          HEAD_BYTES + (mostShared + mostShared % 2) * Integer.BYTES; // pointers follow
      int idFeatures = denseFeatures + dense * PackKernel.FEATURE_BYTES;
      int bagFeatures = idFeatures + (sparse + mostShared) * CheckIdsKernel.FEATURE_BYTES;
      int renamedIds = bagFeatures + sparse * EmbeddingBagKernel.FEATURE_BYTES;
      int vectorSources = renamedIds + sparse * RenameIdsKernel.FEATURE_BYTES;
      int bytes = vectorSources + config.vectors() * VectorSource.BYTES;
      return new Layout(denseFeatures, idFeatures, bagFeatures, renamedIds, vectorSources, bytes);
    }
  }

  BatchDescription(DlrmConfig config, Scratch scratch) {
    this.layout = Layout.of(config);
    this.device = scratch.device("description of a batch", layout.bytes());
  }

  /** Its size, on the device and on the host. */
  static int bytes(DlrmConfig config) {
    return Layout.of(config).bytes();
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

  /** Address of what {@link PackKernel} must know, one a dense feature. */
  long denseFeatures() {
    return device.address() + layout.denseFeatures();
  }

  /** Address of what {@link CheckIdsKernel} must know, one a column of ids. */
  long idFeatures() {
    return device.address() + layout.idFeatures();
  }

  /** Address of what {@link EmbeddingBagKernel} must know, one a sparse feature. */
  long bagFeatures() {
    return device.address() + layout.bagFeatures();
  }

  /** Address of what {@link RenameIdsKernel} must know, one a sparse feature. */
  long renamedIds() {
    return device.address() + layout.renamedIds();
  }

  /** Address of {@link VectorSource}s, one a vector. */
  long vectorSources() {
    return device.address() + layout.vectorSources();
  }

  /** Writes the counts of a batch. */
  void writeCounts(ByteBuffer host, FeatureBatch batch) {
    int columns = batch.sparseFeatures() + batch.shared().size();
    host.clear().putInt(batch.rows()).putInt(0).putInt(columns).position(HEAD_BYTES);
    batch.shared().forEach(instances -> host.putInt(instances.count()));
  }

  /** Where {@link #denseFeatures} are written, in order. */
  ByteBuffer writeDenseFeatures(ByteBuffer host) {
    return host.position(layout.denseFeatures());
  }

  /** Where {@link #idFeatures} are written, in order. */
  ByteBuffer writeIdFeatures(ByteBuffer host) {
    return host.position(layout.idFeatures());
  }

  /** Where {@link #bagFeatures} are written, in order. */
  ByteBuffer writeBagFeatures(ByteBuffer host) {
    return host.position(layout.bagFeatures());
  }

  /** Where {@link #renamedIds} are written, in order. */
  ByteBuffer writeRenamedIds(ByteBuffer host) {
    return host.position(layout.renamedIds());
  }

  /** Where {@link #vectorSources} are written, in order. */
  ByteBuffer writeVectorSources(ByteBuffer host) {
    return host.position(layout.vectorSources());
  }

  /** Copies what was written to the device. */
  void copy(CudaStream stream, ByteBuffer host) {
    stream.copyToDevice(device, 0, host, layout.bytes());
  }
}
