package io.nightjar.spark.job;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.model.ModelInfo;
import io.nightjar.model.TensorInfo;
import io.nightjar.model.WeightLayout;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.spark.executor.ScorerPool;
import io.nightjar.spark.manifest.Sizes;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.internal.SQLConf;

/**
 * What an executor needs beside its heap, in bytes.
 *
 * @param device memory of its device: weights, and batches with one row id a bag
 * @param mapped files of the model, which live in the page cache and not in the container's limit
 * @param pinned memory that a device reads
 * @param direct batches of all scorers, with one row id a bag; longer bags take more
 * @param weights copies of the weights that are not tables, as fp32
 * @param offHeap column vectors of all task slots, at Spark's default size of each type
 * @param overhead what {@code spark.executor.memoryOverhead} says, or comes to
 * @param scorers most scorers of the executor
 * @param batchRows rows a batch
 * @param slots tasks that it runs at a time
 */
record ExecutorMemory(
    long device,
    long mapped,
    long pinned,
    long direct,
    long weights,
    long offHeap,
    long overhead,
    int scorers,
    int batchRows,
    int slots) {
  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final long MIB = 1L << 20;

  /** Adds up what {@code plan} will take. */
  static ExecutorMemory of(ScoringConf conf, ModelInfo model, RunPlan plan) {
    SparkSession session = (SparkSession) plan.scores().sparkSession();
    SQLConf sql = session.sessionState().conf();
    int configured = ScorerPool.configuredSize(sql);
    int scorers = configured > 0 ? configured : ScorerPool.defaultSize();
    int slots = Math.max(1, ScorerPool.defaultSize() - 1);
    int batchRows =
        conf.spec()
            .batchSize()
            .orElseGet(() -> DlrmModels.preferredBatchSize(plan.backend().backend()));
    long batch =
        FeatureBatch.bytes(
            model.config().denseFeatures().size(),
            model.config().sparseFeatures().size(),
            batchRows);
    long vectors =
        sql.offHeapColumnVectorEnabled()
            ? (long) slots
                * sql.parquetVectorizedReaderBatchSize()
                * plan.input().rows().schema().defaultSize()
            : 0;
    Backend backend = plan.backend().backend();
    boolean pins = backend == Backend.CUDA;
    return new ExecutorMemory(
        DlrmModels.deviceBytes(backend, model, conf.spec().precision(), batchRows),
        model.weightBytes(),
        pins ? scorers * batch : 0,
        pins ? 0 : scorers * batch,
        pins ? 0 : weights(model.layout()),
        vectors,
        overhead(session.sparkContext().getConf()),
        scorers,
        batchRows,
        slots);
  }

  /** Whether the overhead holds what is neither heap nor page cache. */
  private boolean fits() {
    return pinned + direct + weights + offHeap <= overhead;
  }

  /** What takes how much, for people, a line each. */
  List<String> lines(Backend backend) {
    boolean pins = backend == Backend.CUDA;
    String batches =
        "batches of %d scorers, %d rows each, at one row id a bag".formatted(scorers, batchRows);
    return List.of(
        line(
            "device",
            device,
            device == 0
                ? "the CPU backend has none"
                : "weights, and batches of %d rows for as many tasks as there are, at one row id a bag"
                    .formatted(batchRows)),
        line("mapped", mapped, "the model's files, in the page cache"),
        line("pinned", pinned, pins ? batches : "the CPU backend pins nothing"),
        line("direct", direct, pins ? "the CUDA backend pins its batches" : batches),
        line(
            "weights", weights, pins ? "they are on the device" : "MLPs and cross network as fp32"),
        line(
            "off-heap",
            offHeap,
            "column vectors of " + slots + " tasks, at Spark's default size of each type"),
        line(
            "overhead",
            overhead,
            "spark.executor.memoryOverhead must hold all but the mapped: "
                + (fits() ? "it does" : "raise it")));
  }

  private static String line(String what, long bytes, String why) {
    return String.format(Locale.ROOT, "%-10s %10s  %s", what, Sizes.of(bytes), why);
  }

  private static long weights(WeightLayout layout) {
    Stream<TensorInfo> mlps =
        Stream.concat(layout.bottomMlp().stream(), layout.topMlp().stream())
            .flatMap(layer -> Stream.of(layer.weight(), layer.bias()));
    Stream<TensorInfo> cross =
        layout.cross().stream().flatMap(layer -> Stream.of(layer.w(), layer.v(), layer.bias()));
    return Stream.concat(mlps, cross).mapToLong(TensorInfo::elements).sum() * Float.BYTES;
  }

  /** As Spark reckons it for containers. */
  private static long overhead(SparkConf spark) {
    if (spark.contains(OVERHEAD)) {
      return spark.getSizeAsMb(OVERHEAD) * MIB;
    }
    double share = spark.getDouble("spark.executor.memoryOverheadFactor", 0.1);
    long least = spark.getSizeAsMb("spark.executor.minMemoryOverhead", "384m");
    return Math.max(least, (long) (spark.getSizeAsMb("spark.executor.memory", "1g") * share)) * MIB;
  }
}
