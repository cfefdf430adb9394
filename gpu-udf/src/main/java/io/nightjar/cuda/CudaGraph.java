package io.nightjar.cuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;

/**
 * A stream's work, recorded once and launched at once as often as wanted. Addresses, sizes and
 * launch shapes are those of the recording; what changes from one launch to the next, such as the
 * number of rows, the kernels read from memory.
 *
 * <p>Whoever captures it closes it, before the module and the buffers that its work uses.
 */
public final class CudaGraph extends CudaResource {
  private final CUgraphExec executable = new CUgraphExec();

  private CudaGraph(CudaContext context) {
    super(context, "graph");
  }

  /**
   * Records what {@code work} gives to the stream, without running it; the caller closes the graph.
   * Other threads may go on using the context meanwhile.
   */
  public static CudaGraph capture(CudaStream stream, Runnable work) {
    CudaGraph graph = new CudaGraph(stream.context());
    CUgraph recording = record(stream, work);
    try {
      CudaResult.check(
          JCudaDriver.cuGraphInstantiate(graph.executable, recording, 0),
          () -> "make a graph of the recorded work");
    } finally {
      JCudaDriver.cuGraphDestroy(recording);
    }
    graph.opened();
    return graph;
  }

  private static CUgraph record(CudaStream stream, Runnable work) {
    CUgraph recording = new CUgraph();
    CudaResult.check(
        JCudaDriver.cuStreamBeginCapture(
            stream.handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        () -> "begin to record a stream");
    try {
      work.run();
    } catch (RuntimeException | Error failure) {
      // The stream must leave the recording, and what it has of it is of no use.
      JCudaDriver.cuStreamEndCapture(stream.handle(), recording);
      JCudaDriver.cuGraphDestroy(recording);
      throw failure;
    }
    CudaResult.check(
        JCudaDriver.cuStreamEndCapture(stream.handle(), recording),
        () -> "end the recording of a stream");
    return recording;
  }

  /** Launches the recorded work on a stream; returns before it is done. */
  public void launch(CudaStream stream) {
    requireOpen();
    CudaResult.check(
        JCudaDriver.cuGraphLaunch(executable, stream.handle()), () -> "launch a graph");
  }

  @Override
  int release() {
    return JCudaDriver.cuGraphExecDestroy(executable);
  }
}
