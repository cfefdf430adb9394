package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.Interaction;
import io.nightjar.model.WeightLayout;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Hardware;
import io.nightjar.scorer.OpenScorers;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;
import java.util.List;

/**
 * A model on the CPU. Tables stay mapped from their files; the weights of the MLPs and of the cross
 * network are copied out as fp32 and given back by {@link #close}.
 */
public final class CpuDlrmModel implements DlrmModel {
  /** Rows a batch: whole chunks, none of them part empty. */
  public static final int PREFERRED_BATCH = 16 * Chunk.SAMPLES;

  private final DlrmWeights weights;
  private final Mlp bottom;
  private final List<CrossLayer> cross;
  private final Mlp top;
  private final FloatArena arena;
  private final OpenScorers scorers;

  private CpuDlrmModel(DlrmWeights weights, FloatArena arena) {
    WeightLayout layout = weights.info().layout();
    this.weights = weights;
    this.scorers = new OpenScorers(config().name());
    this.arena = arena;
    this.bottom = new Mlp(weights, layout.bottomMlp(), true, arena);
    this.cross =
        layout.cross().stream().map(layer -> CrossLayer.read(weights, layer, arena)).toList();
    this.top = new Mlp(weights, layout.topMlp(), false, arena);
  }

  /** Opens the model in {@code folder}; the caller closes it. */
  public static CpuDlrmModel open(Path folder) {
    DlrmWeights weights = DlrmWeights.open(folder);
    FloatArena arena = new FloatArena();
    try {
      return new CpuDlrmModel(weights, arena);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Bytes outside the heap of a model and its scorers, beside mapped tables and batches. */
  public static long nativeBytes(DlrmConfig config, int scorers) {
    return CpuMemory.model(config) + scorers * CpuMemory.scorer(config);
  }

  @Override
  public DlrmConfig config() {
    return weights.info().config();
  }

  @Override
  public Backend backend() {
    return Backend.CPU;
  }

  @Override
  public Precision precision() {
    return Precision.FP32;
  }

  /** Tables stay where they are, so that nothing was hashed on its way: this reads the files. */
  @Override
  public String content() {
    return weights.content();
  }

  @Override
  public Hardware hardware() {
    return new Hardware(Backend.CPU, System.getProperty("os.arch"), "", "", List.of(), "");
  }

  @Override
  public int preferredBatchSize() {
    return PREFERRED_BATCH;
  }

  /** Whatever the heap and direct memory hold fits. */
  @Override
  public void checkBatchSize(int rows) {}

  @Override
  public DlrmScorer newScorer(int capacity) {
    return scorers.open(() -> openScorer(capacity));
  }

  private CpuDlrmScorer openScorer(int capacity) {
    FloatArena scratch = new FloatArena();
    try {
      return new CpuDlrmScorer(this, capacity, scratch);
    } catch (RuntimeException | Error e) {
      scratch.close();
      throw e;
    }
  }

  FloatArena arena() {
    return arena;
  }

  DlrmWeights weights() {
    return weights;
  }

  Mlp bottom() {
    return bottom;
  }

  Mlp top() {
    return top;
  }

  InteractionStep newInteraction(FloatArena scratch) {
    Interaction interaction = config().interaction();
    if (interaction instanceof Interaction.Dot dot) {
      return new DotInteraction(config(), dot.pairs(), scratch);
    }
    int elements = Math.toIntExact(config().vectorElements());
    if (interaction instanceof Interaction.Cross network) {
      return new CrossInteraction(cross, elements, network.rank(), scratch);
    }
    return new CatInteraction(elements, scratch);
  }

  OpenScorers scorers() {
    return scorers;
  }

  /**
   * Gives back the weights.
   *
   * @throws IllegalStateException if a scorer is still open
   */
  @Override
  public void close() {
    scorers.closeModel(arena::close);
  }
}
