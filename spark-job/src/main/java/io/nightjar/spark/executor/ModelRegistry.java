package io.nightjar.spark.executor;

import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Hardware;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this process, each opened once and shared by all its tasks. It owns them.
 *
 * <p>A model that nobody uses stays for the next task; of such idle models the last {@value
 * #MOST_IDLE} stay open, the rest are closed, and all of them when the executor ends.
 */
final class ModelRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRegistry.class);
  private static final int MOST_IDLE = 2;
  private static final ModelRegistry INSTANCE = new ModelRegistry();

  private record Key(
      String edition, Precision precision, Backend backend, EmbeddingBagSpec bags, int device) {}

  // In the order of last use, so that the first idle one has been idle longest.
  private final Map<Key, OpenModel> models = new LinkedHashMap<>();

  private ModelRegistry() {}

  /** The one of this process. */
  static ModelRegistry instance() {
    return INSTANCE;
  }

  /**
   * Finds or opens a model; the caller closes the use.
   *
   * @param device ordinal of the GPU that it is to be on; a model on the CPU is not on any
   * @throws io.nightjar.model.InvalidModelException if it cannot be opened
   * @throws io.nightjar.scorer.BackendUnavailableException if its backend cannot run here
   */
  synchronized Use use(ModelReference reference, int device) {
    Key key =
        new Key(
            reference.edition(),
            reference.precision(),
            reference.backend(),
            reference.bags(),
            device);
    OpenModel model = models.remove(key);
    boolean isNew = model == null;
    if (isNew) {
      closeIdle(MOST_IDLE - 1);
      Path folder = LocalModels.folderOf(reference);
      LOG.info("Opening model {} in {}", reference, folder);
      model = new OpenModel(reference, open(reference, folder, device));
    }
    models.put(key, model);
    if (isNew) {
      model.tellHardware();
    }
    model.uses++;
    return new Use(model);
  }

  /** Opens a model that all executors agree on. */
  private static DlrmModel open(ModelReference reference, Path folder, int device) {
    DlrmModel model =
        DlrmModels.open(
            folder, reference.backend(), reference.precision(), device, bags(reference, folder));
    boolean agreed = false;
    try {
      ScoringExecutor.agree(reference, model.content());
      agreed = true;
      return model;
    } finally {
      if (!agreed) {
        model.close();
      }
    }
  }

  private static EmbeddingBags bags(ModelReference reference, Path folder) {
    EmbeddingBagSpec bags = reference.bags();
    if (!bags.needsProfile()) {
      return EmbeddingBags.of(bags.variant());
    }
    return new EmbeddingBags(
        bags.variant(),
        RowIdProfile.hotRows(
            bags.profile(),
            reference.version(),
            ModelInfo.read(ModelFolder.local(folder)).config().tables(),
            SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf())),
        bags.reorder());
  }

  /** Models that somebody uses now. */
  synchronized long modelsInUse() {
    return models.values().stream().filter(model -> model.uses > 0).count();
  }

  private synchronized void release(OpenModel model) {
    model.uses--;
    model.tellHardware();
    closeIdle(MOST_IDLE);
  }

  /** Closes the models that nobody uses. */
  synchronized void closeIdle() {
    closeIdle(0);
  }

  private void closeIdle(int most) {
    long idle = models.values().stream().filter(model -> model.uses == 0).count();
    var iterator = models.values().iterator();
    while (idle > most && iterator.hasNext()) {
      OpenModel model = iterator.next();
      if (model.uses == 0) {
        iterator.remove();
        model.close();
        idle--;
      }
    }
  }

  /** A model and its scorers. */
  private static final class OpenModel {
    private final ModelReference reference;
    private final DlrmModel model;
    private final Map<PoolKey, ScorerPool> pools = new HashMap<>();
    private Hardware told;
    private int uses;

    private record PoolKey(int capacity, int size) {}

    OpenModel(ModelReference reference, DlrmModel model) {
      this.reference = reference;
      this.model = model;
    }

    /** Tells the driver, if it does not know: some of it is decided with the first batch. */
    void tellHardware() {
      Hardware now = model.hardware();
      if (!now.equals(told)) {
        ScoringExecutor.tell(reference, now);
        told = now;
      }
    }

    synchronized ScorerPool pool(int batchSize, int scorers) {
      int capacity = batchSize == 0 ? model.preferredBatchSize() : batchSize;
      int size = scorers == 0 ? ScorerPool.defaultSize() : scorers;
      return pools.computeIfAbsent(
          new PoolKey(capacity, size),
          key -> {
            model.checkBatchSize(capacity);
            return new ScorerPool(model, capacity, size);
          });
    }

    void close() {
      pools.values().forEach(ScorerPool::close);
      model.close();
    }
  }

  /** One user's claim on an open model. */
  final class Use implements AutoCloseable {
    private final OpenModel model;
    private boolean closed;

    private Use(OpenModel model) {
      this.model = model;
    }

    /** The scorers for one batch size; 0 stands for what the backend or the executor prefers. */
    ScorerPool scorers(int batchSize, int scorers) {
      return model.pool(batchSize, scorers);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        release(model);
      }
    }
  }
}
