package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmWeights;
import io.nightjar.model.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory outside the heap, all given back at once. Whoever makes one closes it; its arrays must not
 * be used afterwards. Not thread-safe.
 */
final class FloatArena implements AutoCloseable {
  private final List<Pointer> allocations = new ArrayList<>();
  private long bytes;

  /** A new array of {@code length} zeros. */
  FloatArray allocate(long length) {
    // The C library's memory, so that close() gives it back at once: direct buffers wait for the
    // garbage collector, which has no reason to run while the heap is nearly empty.
    Pointer memory = Pointer.calloc(Math.max(1, length), Float.BYTES);
    if (memory == null || memory.isNull()) {
      throw new OutOfMemoryError("Cannot allocate " + length * Float.BYTES + " bytes");
    }
    allocations.add(memory);
    bytes += length * Float.BYTES;
    FloatPointer pointer = new FloatPointer(memory).capacity(length);
    return new FloatArray(pointer, pointer.asBuffer());
  }

  /** A new array that holds a whole tensor of the model as fp32. */
  FloatArray read(DlrmWeights weights, TensorInfo tensor) {
    FloatArray array = allocate(tensor.elements());
    weights.read(tensor, array.buffer());
    return array;
  }

  /** A new array for what a layer hands to the next. */
  Activations activations(int features, boolean byRow) {
    return new Activations(allocate((long) features * Chunk.SIZE), features, byRow);
  }

  /** Bytes that its arrays take. */
  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    allocations.forEach(Pointer::free);
    allocations.clear();
    bytes = 0;
  }
}
