package io.nightjar.scorer.cpu;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Floats outside the heap, where BLAS reads them in place; a {@link FloatArena} owns them.
 *
 * @param pointer for BLAS, from the start
 * @param buffer for Java, absolute access; its position is not kept
 */
record FloatArray(FloatPointer pointer, FloatBuffer buffer) {}
