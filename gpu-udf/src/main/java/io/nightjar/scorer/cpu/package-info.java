/** Scores on the CPU: bags in Java, matrix products by OpenBLAS, one thread a scorer. */
package io.nightjar.scorer.cpu;
