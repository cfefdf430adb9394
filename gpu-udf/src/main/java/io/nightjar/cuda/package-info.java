/**
 * The NVIDIA driver, as Java objects: devices, contexts, memory, streams, events, kernels, graphs.
 * The only package that knows JCuda.
 *
 * <p>Who opens, closes: the context after all that was opened in it. A device, a function and a
 * launch shape are plain values and need no closing. Every call may come from any thread: the
 * context makes itself current. One stream, with its launch arguments, serves one thread at a time.
 *
 * <p>Three kinds of failure, three exceptions: {@link io.nightjar.cuda.CudaUnavailableException},
 * {@link io.nightjar.cuda.CudaException}, {@link io.nightjar.cuda.FatalCudaException}.
 */
package io.nightjar.cuda;
