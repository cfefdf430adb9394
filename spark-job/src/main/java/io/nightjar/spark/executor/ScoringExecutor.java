package io.nightjar.spark.executor;

import io.nightjar.model.InvalidModelException;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.Hardware;
import java.io.Serializable;
import java.util.Map;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.util.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executors' half of {@link ScoringPlugin}. It owns the models of its process. */
final class ScoringExecutor implements ExecutorPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringExecutor.class);

  private static volatile PluginContext driver;
  private static volatile int device;

  private ModelRegistry.Use preloaded;

  /**
   * Opens the model that the driver named, before the first task.
   *
   * <p>Where that fails the driver is told, and the executor ends: Spark exits a process whose
   * plugin throws here.
   */
  @Override
  public void init(PluginContext context, Map<String, String> settings) {
    driver = context;
    device = GpuResources.device(context.conf(), context.resources());
    if (!context.resources().isEmpty()) {
      LOG.info("Executor {} has {}", context.executorID(), context.resources().values());
    }
    ExecutorGauges.register(context.metricRegistry());
    PreloadedModel.fromSettings(settings).ifPresent(this::preload);
  }

  private void preload(ModelReference reference) {
    try {
      preloaded = ModelRegistry.instance().use(reference, device);
    } catch (BackendUnavailableException e) {
      throw stop(ScoringFailure.Kind.BACKEND, e);
    } catch (RuntimeException e) {
      throw stop(ScoringFailure.Kind.MODEL, e);
    }
  }

  private static RuntimeException stop(ScoringFailure.Kind kind, RuntimeException error) {
    ask(new StopRequest(new ScoringFailure(kind, error.getMessage()), StopRequest.EVERYTHING));
    return error;
  }

  /** Ordinal of the GPU that this executor's models are on, if they are on one. */
  static int device() {
    return device;
  }

  /**
   * Sends a request to the driver's half and waits until it was taken.
   *
   * @throws DriverUnreachableException if it was not
   */
  static void ask(StopRequest request) {
    PluginContext context = driver;
    if (context == null) {
      throw new DriverUnreachableException("Cannot tell the driver: no plugin runs here", null);
    }
    ask(context, request);
  }

  /**
   * Tells the driver's half what a model computes on and how; where no plugin runs nobody wants to
   * know.
   *
   * @throws DriverUnreachableException if the driver did not take it
   */
  static void tell(ModelReference model, Hardware hardware) {
    PluginContext context = driver;
    if (context != null) {
      ask(
          context,
          new ModelHardware(new ModelHardware.Where(context.executorID(), model), hardware));
    }
  }

  /**
   * Tells the driver's half what the files of {@code model} hold; where no plugin runs there is
   * nobody to agree with.
   *
   * @throws io.nightjar.model.InvalidModelException if another executor read something else
   * @throws DriverUnreachableException if the driver did not take it
   */
  static void agree(ModelReference model, String content) {
    PluginContext context = driver;
    if (context != null) {
      // The context's own method for the host fails where the executor listens at no port.
      String name = "executor " + context.executorID() + " (" + Utils.localHostName() + ")";
      ModelRead read = new ModelRead(model.edition(), model.location(), content, name);
      String difference = (String) ask(context, read);
      if (!difference.isEmpty()) {
        throw new InvalidModelException(difference);
      }
    }
  }

  private static Object ask(PluginContext context, Serializable message) {
    try {
      return context.ask(message);
    } catch (Exception e) { // What ask declares.
      throw new DriverUnreachableException("Cannot tell the driver: " + e, e);
    }
  }

  @Override
  public void shutdown() {
    if (preloaded != null) {
      preloaded.close();
    }
    ModelRegistry.instance().closeIdle();
    driver = null;
  }
}
