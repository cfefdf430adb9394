package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.TensorInfo;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Floats outside the heap, where BLAS reads them in place. Zeroed at first. Whoever makes one
 * closes it; its views must not be used afterwards.
 */
final class FloatArray implements AutoCloseable {
  private final Pointer memory;
  private final FloatPointer pointer;
  private final FloatBuffer buffer;

  FloatArray(long length) {
    // The C library's memory, so that close() gives it back at once: direct buffers wait for the
    // garbage collector, which has no reason to run while the heap is nearly empty.
    memory = Pointer.calloc(Math.max(1, length), Float.BYTES);
    if (memory == null || memory.isNull()) {
      throw new OutOfMemoryError("Cannot allocate " + length * Float.BYTES + " bytes");
    }
    pointer = new FloatPointer(memory).capacity(length);
    buffer = pointer.asBuffer();
  }

  /** A whole tensor of the model. */
  static FloatArray read(DlrmWeights weights, TensorInfo tensor) {
    FloatArray array = new FloatArray(tensor.elements());
    weights.read(tensor, array.buffer());
    return array;
  }

  /** From its start. */
  FloatPointer pointer() {
    return pointer;
  }

  /** For absolute access; its position is not kept. */
  FloatBuffer buffer() {
    return buffer;
  }

  @Override
  public void close() {
    Pointer.free(memory);
  }
}
