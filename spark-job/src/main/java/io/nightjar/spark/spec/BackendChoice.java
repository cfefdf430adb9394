package io.nightjar.spark.spec;

/** The backend as the user asks for it. */
public enum BackendChoice {
  /** CUDA where there is a device, else the CPU, with a warning. */
  AUTO,
  CPU,
  CUDA
}
