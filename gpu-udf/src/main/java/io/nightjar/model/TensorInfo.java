package io.nightjar.model;

import java.util.List;

/**
 * Where a tensor lies.
 *
 * @param name as its file has it, prefixes included
 * @param file file of the model directory that holds it
 * @param dtype type of its elements, little-endian
 * @param shape row-major
 * @param offset of its first byte from the start of the file
 * @param bytes its size
 */
public record TensorInfo(
    String name, String file, DType dtype, List<Long> shape, long offset, long bytes) {

  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Number of its elements. */
  public long elements() {
    return bytes / dtype.bytes();
  }
}
