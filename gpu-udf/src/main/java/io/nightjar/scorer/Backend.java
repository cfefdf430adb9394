package io.nightjar.scorer;

/** What computes the scores. */
public enum Backend {
  CPU,
  CUDA
}
