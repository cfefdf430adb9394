package io.nightjar.scorer.cuda;

import io.nightjar.cuda.DeviceBuffer;
import java.util.Optional;

/**
 * The weight of a linear layer on the device.
 *
 * @param operand [outputs, inputs], packed
 * @param bias fp32, outputs rounded up to a tile's columns, zeros there
 * @param scale of the operand, a power of two
 */
record LinearWeight(
    DeviceBuffer operand, Optional<DeviceBuffer> bias, int outputs, int inputs, float scale) {

  /** Where the bias begins; 0 without one. */
  long biasAddress() {
    return bias.map(DeviceBuffer::address).orElse(0L);
  }
}
