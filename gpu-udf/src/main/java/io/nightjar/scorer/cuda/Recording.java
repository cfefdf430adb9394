package io.nightjar.scorer.cuda;

import io.nightjar.cuda.CudaStream;

/**
 * What all launches of one pass over a batch share.
 *
 * @param stream that runs it
 * @param capacity most rows: launch shapes suit this number
 * @param rows address of the number of rows, an {@code int}
 * @param overflow address of the word that is set where an element is too large for its format
 * @param scale of all operands but the weights, a power of two
 * @param walk how bags are pooled
 */
record Recording(
    CudaStream stream, int capacity, long rows, long overflow, float scale, BagWalk walk) {}
