/**
 * The CUDA backend: a class for each file of kernels, weights on the device, and the pipeline that
 * leads from a batch to its scores.
 */
package io.nightjar.scorer.cuda;
