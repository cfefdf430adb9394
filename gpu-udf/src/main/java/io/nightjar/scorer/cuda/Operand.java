package io.nightjar.scorer.cuda;

import io.nightjar.cuda.DeviceBuffer;

/**
 * A matrix that linear layers take, [rows, columns], in the tiles of {@link OperandFormat}.
 *
 * @param buffer of that size or more
 */
record Operand(DeviceBuffer buffer, int columns) {}
