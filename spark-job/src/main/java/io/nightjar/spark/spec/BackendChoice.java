package io.nightjar.spark.spec;

/** The backend as the user asks for it. */
public enum BackendChoice {
  /** The CPU for now, with a warning. */
  AUTO,
  CPU,
  CUDA
}
