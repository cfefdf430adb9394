package io.nightjar.cuda;

import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** The kernels, loaded on a device. Whoever loads it closes it, once none of them runs. */
public final class CudaModule extends CudaResource {
  private final CUmodule module = new CUmodule();
  private final KernelImage image;

  private CudaModule(CudaContext context, KernelImage image) {
    super(context, "module " + image);
    this.image = image;
  }

  /** Loads the image that suits the context's device best; the caller closes it. */
  public static CudaModule load(CudaContext context) {
    return load(context, KernelImage.of(context.device()));
  }

  /**
   * Loads an image of choice, such as PTX where there is machine code; the caller closes it.
   *
   * @throws CudaException if the device cannot run it
   */
  public static CudaModule load(CudaContext context, KernelImage image) {
    return load(context, image, image.read());
  }

  /** The same of the embedding bag's variants, which are there to be compared. */
  public static CudaModule loadVariants(CudaContext context, KernelImage image) {
    return load(context, image, image.readVariants());
  }

  private static CudaModule load(CudaContext context, KernelImage image, byte[] bytes) {
    CudaModule loaded = new CudaModule(context, image);
    context.makeCurrent();
    CudaResult.check(
        JCudaDriver.cuModuleLoadData(loaded.module, bytes),
        () -> "load " + image + " on " + context.device());
    loaded.opened();
    return loaded;
  }

  /** Which image it was loaded from: launch shapes and weight layouts differ. */
  public KernelImage image() {
    return image;
  }

  /**
   * Finds a kernel; valid as long as this module.
   *
   * @throws CudaException if there is none of that name
   */
  public CudaFunction function(String name) {
    use();
    CUfunction function = new CUfunction();
    CudaResult.check(
        JCudaDriver.cuModuleGetFunction(function, module, name),
        () -> "find kernel " + name + " in " + image);
    return new CudaFunction(this, name, function);
  }

  @Override
  int release() {
    return JCudaDriver.cuModuleUnload(module);
  }
}
