package io.nightjar.scorer.cpu;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmWeights;
import io.nightjar.model.Interaction;
import io.nightjar.model.WeightLayout;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A model on the CPU. Tables stay mapped from their files; the weights of the MLPs and of the cross
 * network are copied out as fp32 and given back by {@link #close}.
 */
public final class CpuDlrmModel implements DlrmModel {
  /** Rows a batch: several chunks, so that a partition's last rows waste little. */
  private static final int PREFERRED_BATCH = 4096;

  private final DlrmWeights weights;
  private final Mlp bottom;
  private final List<CrossLayer> cross;
  private final Mlp top;
  private final AtomicInteger openScorers = new AtomicInteger();

  private CpuDlrmModel(DlrmWeights weights) {
    WeightLayout layout = weights.info().layout();
    this.weights = weights;
    this.bottom = new Mlp(weights, layout.bottomMlp(), true);
    this.cross = new ArrayList<>();
    layout.cross().forEach(layer -> cross.add(new CrossLayer(weights, layer)));
    this.top = new Mlp(weights, layout.topMlp(), false);
  }

  /** Opens the model in {@code folder}; the caller closes it. */
  public static CpuDlrmModel open(Path folder) {
    return new CpuDlrmModel(DlrmWeights.open(folder));
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

  @Override
  public int preferredBatchSize() {
    return PREFERRED_BATCH;
  }

  @Override
  public DlrmScorer newScorer(int capacity) {
    CpuDlrmScorer scorer = new CpuDlrmScorer(this, capacity);
    openScorers.incrementAndGet();
    return scorer;
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

  InteractionStep newInteraction(int chunk) {
    Interaction interaction = config().interaction();
    if (interaction instanceof Interaction.Dot dot) {
      return new DotInteraction(config(), dot.pairs(), chunk);
    }
    if (interaction instanceof Interaction.Cross) {
      return new CrossInteraction(cross, Math.toIntExact(config().vectorElements()), chunk);
    }
    return new CatInteraction();
  }

  void scorerClosed() {
    openScorers.decrementAndGet();
  }

  /**
   * Gives back the weights.
   *
   * @throws IllegalStateException if a scorer is still open: it would read memory that is gone
   */
  @Override
  public void close() {
    if (openScorers.get() > 0) {
      throw new IllegalStateException(
          "Cannot close model " + config().name() + ": open scorers " + openScorers.get());
    }
    bottom.close();
    cross.forEach(CrossLayer::close);
    top.close();
  }
}
