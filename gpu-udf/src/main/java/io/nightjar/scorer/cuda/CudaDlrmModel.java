package io.nightjar.scorer.cuda;

import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.CudaException;
import io.nightjar.cuda.CudaModule;
import io.nightjar.cuda.FatalCudaException;
import io.nightjar.cuda.KernelImage;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.BackendUnavailableException;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.EmbeddingBags;
import io.nightjar.scorer.Hardware;
import io.nightjar.scorer.OpenScorers;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model on a GPU. It owns the context, the kernels, the weights on the device and the streams
 * that its scorers share.
 */
public final class CudaDlrmModel implements DlrmModel {
  /** Rows a batch: enough to fill a large GPU many times over. */
  public static final int PREFERRED_BATCH = 65_536;

  private static final Logger LOG = LoggerFactory.getLogger(CudaDlrmModel.class);

  private final Closer closer;
  private final DlrmConfig config;
  private final Precision precision;
  private final OperandFormat format;
  private final Footprint footprint;
  private final CudaContext context;
  private final Kernels kernels;
  private final DotInteractionKernel dotInteraction;
  private final DeviceWeights weights;
  private final DeviceClock clock;
  private final EmbeddingBags bags;
  private final BagWalks walks;
  private final OpenScorers scorers;
  private final OpenStreams streams;
  private final StreamMemory preferred;

  private CudaDlrmModel(
      Path folder,
      Precision precision,
      CudaDevice device,
      KernelImage image,
      EmbeddingBags bags,
      Closer closer) {
    DlrmWeights files = DlrmWeights.open(folder);
    checkBags(files.info(), precision, bags);
    this.closer = closer;
    this.config = files.info().config();
    this.scorers = new OpenScorers(config.name());
    this.precision = precision;
    this.format = OperandFormat.of(precision);
    this.context = closer.add(CudaContext.open(device));
    this.bags = bags;
    this.walks = new BagWalks(config.name(), bags.variant() == EmbeddingBagVariant.AUTO);
    this.footprint = Footprint.of(files.info(), format, bags);
    LOG.info(
        "Model {} takes {} on {}, bags by {}{}",
        config.name(),
        footprint,
        device,
        bags.variant(),
        bags.reorder() ? ", hot rows first" : "");
    footprint.mustFit(config.name(), context);
    CudaModule module = closer.add(CudaModule.load(context, image));
    this.kernels = Kernels.of(module, format, context, bags.variant(), closer);
    this.dotInteraction =
        config.interaction() instanceof Interaction.Dot dot
            ? new DotInteractionKernel(module, format, config, dot.pairs(), device)
            : null;
    this.weights = DeviceWeights.upload(context, files, format, bags, kernels.pack(), closer);
    this.clock = new DeviceClock(context, closer);
    this.streams = new OpenStreams(this);
    long free = context.freeBytes();
    this.preferred = StreamMemory.fitting(this::memory, PREFERRED_BATCH, free);
    LOG.info(
        "Model {} scores best in batches of {} rows, for which {}, of which {} are free",
        config.name(),
        preferred.rows(),
        preferred,
        free);
  }

  private static void checkBags(ModelInfo info, Precision precision, EmbeddingBags bags) {
    List<EmbeddingTableConfig> tables = info.config().tables();
    if (!bags.hotRows().isEmpty() && bags.hotRows().size() != tables.size()) {
      throw new IllegalArgumentException(
          "Invalid hot rows: of %d tables, expected those of the %d of model %s"
              .formatted(bags.hotRows().size(), tables.size(), info.config().name()));
    }
    for (int i = 0; i < tables.size(); i++) {
      DType rows = info.layout().tables().get(i).dtype();
      int rowBytes = OperandFormat.stride(tables.get(i).embeddingDim()) * rows.bytes();
      Optional<String> whyNot = bags.variant().whyNot(precision, rows);
      if (whyNot.isEmpty() && bags.variant().pinsHotRows()) {
        whyNot =
            rowBytes % PinHotRowsKernel.SECTOR_BYTES == 0
                ? whyNot
                : Optional.of("it pins rows of whole sectors of 32 bytes, these take " + rowBytes);
      }
      if (whyNot.isPresent()) {
        throw new IllegalArgumentException(
            "Cannot pool bags of table %s by %s: %s"
                .formatted(tables.get(i).name(), bags.variant(), whyNot.get()));
      }
    }
  }

  /**
   * Opens the model in {@code folder} on the device of this ordinal; the caller closes it.
   *
   * @throws BackendUnavailableException if there is no device, or it cannot run this model
   * @throws IllegalArgumentException if the model's bags cannot be pooled so
   */
  public static CudaDlrmModel open(
      Path folder, Precision precision, int ordinal, EmbeddingBags bags) {
    whyUnavailable(ordinal)
        .ifPresent(
            why -> {
              throw new BackendUnavailableException(why);
            });
    CudaDevice device = CudaDevice.get(ordinal);
    return open(folder, precision, device, KernelImage.of(device), bags);
  }

  /** {@link #open(Path, Precision, int, EmbeddingBags)} on device 0, as measured there. */
  static CudaDlrmModel open(Path folder, Precision precision) {
    return open(folder, precision, 0, EmbeddingBags.AUTO);
  }

  /** Why no model can be opened on that device, in one sentence, or empty if one can. */
  public static Optional<String> whyUnavailable(int ordinal) {
    return CudaDevice.whyUnavailable(ordinal);
  }

  /** Whether the device faulted, after which this process cannot use it any more. */
  public static boolean isFatal(RuntimeException error) {
    return error instanceof FatalCudaException;
  }

  /**
   * Pinned memory beside the scorers' batches: that of the upload, and scorers' results at the
   * preferred batch size.
   */
  public static long nativeBytes(int scorers) {
    return PinnedRing.BYTES + TableFiles.BYTES + scorers * Results.bytes(PREFERRED_BATCH);
  }

  /** Device memory of the weights, and of all streams for batches of so many rows. */
  public static long deviceBytes(ModelInfo model, Precision precision, int batchRows) {
    OperandFormat format = OperandFormat.of(precision);
    return Footprint.of(model, format, EmbeddingBags.AUTO).total()
        + StreamMemory.of(model.config(), format, batchRows).ofAllStreams();
  }

  /** With kernels of choice. */
  static CudaDlrmModel open(
      Path folder, Precision precision, CudaDevice device, KernelImage image) {
    return open(folder, precision, device, image, EmbeddingBags.AUTO);
  }

  /** With kernels of choice, and bags pooled so. */
  static CudaDlrmModel open(
      Path folder, Precision precision, CudaDevice device, KernelImage image, EmbeddingBags bags) {
    return Closer.whole(
        closer -> new CudaDlrmModel(folder, precision, device, image, bags, closer));
  }

  @Override
  public DlrmConfig config() {
    return config;
  }

  @Override
  public Backend backend() {
    return Backend.CUDA;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public String content() {
    return weights.content();
  }

  @Override
  public Hardware hardware() {
    return new Hardware(
        Backend.CUDA,
        context.device().name(),
        CudaDevice.newestCuda(),
        bags.variant().toString(),
        walks.times(),
        "weights %d bytes%s"
            .formatted(
                footprint.tables() + footprint.layers(),
                streams
                    .lastOpened()
                    .map(taken -> "; batches of %d rows: %s".formatted(taken.rows(), taken))
                    .orElse("")));
  }

  @Override
  public int preferredBatchSize() {
    return preferred.rows();
  }

  @Override
  public void checkBatchSize(int rows) {
    streams.mustFit(rows);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Its batches go through streams that all scorers of this capacity share, and take their
   * device memory. Where memory is short it opens one of less capacity, with a warning: see {@link
   * DlrmScorer#batch}.
   *
   * @throws CudaException if there is not even memory for 1,024 rows
   */
  @Override
  public DlrmScorer newScorer(int capacity) {
    return scorers.open(() -> openScorer(capacity));
  }

  private CudaDlrmScorer openScorer(int capacity) {
    ScoringStreams shared = streams.use(capacity);
    boolean opened = false;
    try {
      CudaDlrmScorer scorer =
          OpenStreams.orSmaller(
              "a scorer",
              shared.capacity(),
              rows -> CudaDlrmScorer.open(this, shared, rows, () -> closed(capacity)));
      opened = true;
      return scorer;
    } finally {
      if (!opened) {
        streams.release(capacity);
      }
    }
  }

  /** A scorer of this capacity was closed. */
  private void closed(int capacity) {
    try {
      streams.release(capacity);
    } finally {
      scorers.closed();
    }
  }

  /** What scoring batches of so many rows takes. */
  StreamMemory memory(int rows) {
    return StreamMemory.of(config, format, rows);
  }

  OperandFormat format() {
    return format;
  }

  CudaContext context() {
    return context;
  }

  Kernels kernels() {
    return kernels;
  }

  /** Of a model whose interaction is dot. */
  DotInteractionKernel dotInteraction() {
    return dotInteraction;
  }

  DeviceWeights weights() {
    return weights;
  }

  /** How bags are pooled. */
  EmbeddingBags bags() {
    return bags;
  }

  /** Which walk they are pooled with. */
  BagWalks walks() {
    return walks;
  }

  DeviceClock clock() {
    return clock;
  }

  /**
   * Gives back the weights, the kernels and the context.
   *
   * @throws IllegalStateException if a scorer is still open
   */
  @Override
  public void close() {
    scorers.closeModel(closer::close);
  }
}
