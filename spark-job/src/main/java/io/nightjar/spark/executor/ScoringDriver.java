package io.nightjar.spark.executor;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Hardware;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's half of {@link ScoringPlugin}. */
public final class ScoringDriver implements DriverPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(ScoringDriver.class);
  private static final String RUNS = "runs";
  private static volatile ScoringDriver current;

  private SparkContext context;
  private MetricRegistry metrics;
  private BackendDecision automatic;
  private volatile ScoringFailure fatal;
  private final Map<ModelHardware.Where, Hardware> hardware = new ConcurrentHashMap<>();
  private final Map<String, ModelRead> read = new ConcurrentHashMap<>();

  /** Spark makes the registry a source of its metrics, since it is not empty. */
  @Override
  public void registerMetrics(String appId, PluginContext pluginContext) {
    metrics = pluginContext.metricRegistry();
    metrics.counter(RUNS);
  }

  /**
   * Gives a run's figures to Spark's metrics system, in the place of those of the run before it.
   *
   * @param figures name to value
   */
  public synchronized void report(Map<String, Double> figures) {
    metrics.counter(RUNS).inc();
    figures.forEach(
        (name, value) -> {
          metrics.remove(name);
          metrics.register(name, (Gauge<Double>) () -> value);
        });
  }

  /** The one of this driver, if the plugin is loaded. */
  public static Optional<ScoringDriver> current() {
    return Optional.ofNullable(current);
  }

  @Override
  public Map<String, String> init(SparkContext sparkContext, PluginContext pluginContext) {
    context = sparkContext;
    SparkConf conf = context.conf();
    GpuResources.check(conf);
    Map<String, String> preloaded =
        PreloadedModel.configured(conf)
            .map(preload -> preload.resolve(this, context.hadoopConfiguration()))
            .map(PreloadedModel::asSettings)
            .orElse(Map.of());
    context.addSparkListener(new StopLaterJobs());
    context.addSparkListener(new DeviceReport());
    // Last: where the model is not sound, Spark does not start, and there is no driver.
    current = this;
    return preloaded;
  }

  /**
   * The model in {@code location} as all executors are to open it.
   *
   * @throws io.nightjar.model.InvalidModelException if it is no model
   * @throws IllegalArgumentException if the backend does not know the precision or cannot pool bags
   *     so, or Spark's settings of GPUs are none to score with
   * @throws io.nightjar.scorer.BackendUnavailableException if the backend cannot be had
   */
  public ModelReference reference(
      HadoopModelFolder folder,
      ModelInfo info,
      BackendChoice choice,
      Precision precision,
      EmbeddingBagSpec bags) {
    Backend backend = decide(choice).backend();
    if (backend == Backend.CPU && precision != Precision.FP32) {
      throw new IllegalArgumentException(
          "Invalid precision: "
              + precision.name().toLowerCase(Locale.ROOT)
              + " with backend cpu, expected fp32");
    }
    if (backend == Backend.CPU && bags.variant() != EmbeddingBagVariant.AUTO) {
      throw new IllegalArgumentException(
          "Invalid embedding-bag.variant: " + bags.variant() + " with backend cpu, expected auto");
    }
    if (backend == Backend.CUDA) {
      EmbeddingBagCheck.check(bags, precision, info, context.hadoopConfiguration());
    }
    return new ModelReference(
        folder.location(),
        info.version(),
        info.edition(),
        backend,
        precision,
        // The CPU has no memory of its own in which hot rows could come first.
        backend == Backend.CPU ? EmbeddingBagSpec.AUTO : bags.withoutIdleProfile());
  }

  /**
   * What {@code choice} means, the same in the whole application.
   *
   * @throws io.nightjar.scorer.BackendUnavailableException if the backend cannot be had
   * @throws IllegalArgumentException if Spark's settings of GPUs are none to score with
   */
  public synchronized BackendDecision decide(BackendChoice choice) {
    if (choice != BackendChoice.AUTO) {
      return BackendDecision.of(choice, context.conf());
    }
    if (automatic == null) {
      automatic = BackendDecision.of(choice, context.conf());
      if (automatic.backend() == Backend.CPU) {
        LOG.warn("Scoring on the CPU, {}", automatic.why());
      } else {
        LOG.info("Scoring on GPUs, {}", automatic.why());
      }
    }
    return automatic;
  }

  /** What executors have said that models of this backend compute on, in a steady order. */
  public List<Hardware> hardware(Backend backend) {
    return hardware.values().stream()
        .filter(used -> used.backend() == backend)
        .distinct()
        .sorted(Comparator.comparing(Hardware::toString))
        .toList();
  }

  /** How many executors have opened models of this backend; each has one device. */
  public int executors(Backend backend) {
    return (int)
        hardware.entrySet().stream()
            .filter(used -> used.getValue().backend() == backend)
            .map(used -> used.getKey().executor())
            .distinct()
            .count();
  }

  /**
   * What executors agree that the files of a model hold, by {@code ModelContent}; empty where none
   * has opened it yet.
   *
   * @param edition of the model
   */
  public Optional<String> content(String edition) {
    return Optional.ofNullable(read.get(edition)).map(ModelRead::content);
  }

  @Override
  public Object receive(Object message) {
    if (message instanceof ModelRead one) {
      ModelRead first = read.putIfAbsent(one.edition(), one);
      // A class of the job's own could not be read as an answer: Spark looks for it in its own
      // jars.
      return first == null ? "" : one.difference(first);
    } else if (message instanceof ModelHardware used) {
      hardware.put(used.where(), used.hardware());
    } else {
      stop((StopRequest) message);
    }
    return true;
  }

  private void stop(StopRequest request) {
    String reason = request.failure().message();
    ScoringFailure.report(request.failure());
    if (request.stageId() == StopRequest.EVERYTHING) {
      fatal = request.failure();
      for (int job : context.statusTracker().getActiveJobIds()) {
        context.cancelJob(job, reason);
      }
    } else {
      context.cancelStage(request.stageId(), reason);
    }
  }

  @Override
  public void shutdown() {
    current = null;
  }

  /** An executor could not open its model: neither can the next one. */
  private final class StopLaterJobs extends SparkListener {
    @Override
    public void onJobStart(SparkListenerJobStart job) {
      if (fatal != null) {
        context.cancelJob(job.jobId(), fatal.message());
      }
    }
  }
}
