package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaDevice;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.BackendUnavailableException;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Device memory that one {@link ScoringStream} takes for batches of up to {@code rows} rows, in
 * bytes, known before any of it is taken. Bags of more than one row id on average take more, as do
 * variants that pool a table a launch.
 *
 * @param inputs the batch as it was copied
 * @param vectors vectors that meet in the interaction
 * @param activations operands of the linear layers, and the results
 */
record StreamMemory(int rows, long inputs, long vectors, long activations) {
  /** No smaller batches are chosen, nor tried where memory is short. */
  static final int LEAST_ROWS = 1_024;

  /** What scoring batches of a model takes. */
  static StreamMemory of(DlrmConfig config, OperandFormat format, int rows) {
    BatchMemory batch = BatchMemory.of(config, format, rows);
    return new StreamMemory(
        rows, batch.inputs(), batch.vectors(), Pipeline.bytes(config, format, rows));
  }

  /**
   * What the largest batches take, of {@code preferred} rows or that halved, for which all streams
   * fit into half of {@code free} bytes. The other half is for longer bags, and for whoever shares
   * the device.
   *
   * @param ofRows what batches of so many rows take
   */
  static StreamMemory fitting(IntFunction<StreamMemory> ofRows, int preferred, long free) {
    StreamMemory memory = ofRows.apply(preferred);
    while (memory.ofAllStreams() > free / 2 && memory.rows() / 2 >= LEAST_ROWS) {
      memory = ofRows.apply(memory.rows() / 2);
    }
    return memory;
  }

  /** Bytes that one stream takes. */
  long ofOneStream() {
    return inputs + vectors + activations;
  }

  /** Bytes that all streams of a model take. */
  long ofAllStreams() {
    return ScoringStreams.COUNT * ofOneStream();
  }

  /**
   * Makes sure that the device has so much.
   *
   * @param free bytes of it that are free
   * @throws BackendUnavailableException with the arithmetic, if it has not
   */
  void mustFit(String model, CudaDevice device, long free) {
    if (ofAllStreams() > free) {
      throw new BackendUnavailableException(
          "Cannot score batches of %d rows with model %s on %s: %s, of which %d are free"
              .formatted(rows, model, device, this, free));
    }
  }

  /** As in "3 streams take 3 x 600 = 1800 bytes (inputs 100, vectors 200, activations 300)". */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d streams take %d x %d = %d bytes (inputs %d, vectors %d, activations %d)",
        ScoringStreams.COUNT,
        ScoringStreams.COUNT,
        ofOneStream(),
        ofAllStreams(),
        inputs,
        vectors,
        activations);
  }
}
