package io.nightjar.scorer;

/**
 * What a batch cost where it was scored.
 *
 * @param copyInNanos the batch crossing to the device; 0 where there is none, as with the CPU
 * @param computeNanos from the first step to the last
 * @param copyOutNanos scores and logits crossing back
 * @param busyNanos what this batch adds to the time in which the device copied or computed for any
 *     scorer of the model: batches that overlap share it
 * @param bytesIn bytes that crossed to the device
 * @param bytesOut bytes that crossed back
 */
public record BatchCost(
    long copyInNanos,
    long computeNanos,
    long copyOutNanos,
    long busyNanos,
    long bytesIn,
    long bytesOut) {

  /** Nothing was scored. */
  public static final BatchCost NONE = new BatchCost(0, 0, 0, 0, 0, 0);

  /** Of a batch that took {@code nanos} where it was filled. */
  public static BatchCost ofCompute(long nanos) {
    return new BatchCost(0, nanos, 0, 0, 0, 0);
  }
}
