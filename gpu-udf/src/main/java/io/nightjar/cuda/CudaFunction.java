package io.nightjar.cuda;

import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.JCudaDriver;

/** A kernel of a module; it lives as long as that. Thread-safe. */
public final class CudaFunction {
  private final CudaModule module;
  private final String name;
  private final CUfunction function;

  CudaFunction(CudaModule module, String name, CUfunction function) {
    this.module = module;
    this.name = name;
    this.function = function;
  }

  /** Its name in the module. */
  public String name() {
    return name;
  }

  /**
   * Lets launches ask for up to {@code bytes} of dynamic shared memory; without it 48 KiB is most.
   */
  public void allowShared(int bytes) {
    module.use();
    CudaResult.check(
        JCudaDriver.cuFuncSetAttribute(
            function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
        () -> "allow kernel " + name + " " + bytes + " bytes of shared memory");
  }

  /**
   * Launches the kernel; returns before it runs.
   *
   * @param arguments the stream's own, see {@link CudaStream#arguments}: as many and of the types
   *     that the kernel declares. The driver cannot check that, and reads on regardless
   */
  public void launch(CudaStream stream, LaunchShape shape, KernelArguments arguments) {
    module.requireOpen();
    CudaResult.check(
        JCudaDriver.cuLaunchKernel(
            function,
            shape.gridX(),
            shape.gridY(),
            1,
            shape.threads(),
            shape.threadsY(),
            1,
            shape.sharedBytes(),
            stream.handle(),
            arguments.asPointer(),
            null),
        () -> "launch " + this + " with " + shape + " and " + arguments.count() + " arguments");
  }

  @Override
  public String toString() {
    return "kernel " + name;
  }
}
