package io.nightjar.spark.spec;

/** The backend as the user asks for it. */
public enum BackendChoice {
  /** CUDA where executors have a device; else the CPU, with a warning. */
  AUTO,
  CPU,
  CUDA
}
