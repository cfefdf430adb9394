package io.nightjar.scorer.cpu;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.batch.Instances;
import io.nightjar.batch.Logarithm;
import io.nightjar.batch.Transform;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.BatchCost;
import io.nightjar.scorer.DlrmScorer;
import java.nio.FloatBuffer;

/** Scores a batch chunk by chunk, in the caller's thread, within {@link #submit}. */
final class CpuDlrmScorer implements DlrmScorer {
  private final CpuDlrmModel model;
  private final DlrmConfig config;
  private final FloatArena arena;
  private final FeatureBatch batch;
  private final Activations dense;
  private final float[] values = new float[Chunk.SAMPLES];
  private final MlpScratch bottom;
  private final float[] denseVectors;
  private final EmbeddingBags bags;
  private final float[] vectors;
  private final InteractionStep interaction;
  private final MlpScratch top;
  private final FloatBuffer logits;
  private final FloatBuffer scores;
  private long computeNanos;
  private boolean closed;

  /** Takes over {@code arena}, from which its memory comes. */
  CpuDlrmScorer(CpuDlrmModel model, int capacity, FloatArena arena) {
    this.model = model;
    this.arena = arena;
    this.config = model.config();
    this.batch =
        new FeatureBatch(
            config.denseFeatures().size(), config.numEmbeddings(), capacity, HostMemory.PLAIN);
    this.logits = FloatBuffer.allocate(capacity);
    this.scores = FloatBuffer.allocate(capacity);
    this.bags = new EmbeddingBags(model.weights());
    this.vectors = new float[Math.toIntExact(config.vectorElements())];
    this.denseVectors = new float[config.denseElements() * Chunk.SIZE];
    this.dense = arena.activations(config.denseFeatures().size(), false);
    this.bottom = new MlpScratch(model.bottom(), arena);
    this.interaction = model.newInteraction(arena);
    this.top = new MlpScratch(model.top(), arena);
  }

  FloatArena arena() {
    return arena;
  }

  @Override
  public FeatureBatch batch() {
    return batch;
  }

  @Override
  public void submit() {
    if (closed) {
      throw new IllegalStateException("Cannot score: the scorer is closed");
    }
    long start = System.nanoTime();
    bags.begin(batch);
    logits.clear().limit(batch.rows());
    scores.clear().limit(batch.rows());
    for (int first = 0; first < batch.rows(); first += Chunk.SAMPLES) {
      score(first, Math.min(Chunk.SAMPLES, batch.rows() - first));
    }
    computeNanos = batch.rows() == 0 ? 0 : System.nanoTime() - start;
  }

  @Override
  public void await() {}

  @Override
  public FloatBuffer scores() {
    return scores;
  }

  @Override
  public FloatBuffer logits() {
    return logits;
  }

  @Override
  public BatchCost cost() {
    return BatchCost.ofCompute(computeNanos);
  }

  /** Scores the samples {@code [start, start + samples)}, at most a chunk. */
  private void score(int start, int samples) {
    for (int f = 0; f < dense.features(); f++) {
      putDense(f, start, samples);
    }
    if (denseVectors.length > 0) {
      bottom.apply(dense).values().buffer().get(0, denseVectors);
    }
    for (int s = 0; s < samples; s++) {
      int row = Chunk.GUARD + s;
      for (int d = 0; d < config.denseElements(); d++) {
        vectors[d] = denseVectors[d * Chunk.SIZE + row];
      }
      bags.pool(batch, start + s, vectors, config.denseElements());
      interaction.put(row, vectors);
    }
    FloatBuffer result = top.apply(interaction.inputs()).values().buffer();
    for (int s = 0; s < samples; s++) {
      float logit = result.get(Chunk.GUARD + s);
      logits.put(start + s, logit);
      scores.put(start + s, (float) (1 / (1 + StrictMath.exp(-logit))));
    }
  }

  private void putDense(int feature, int start, int samples) {
    int at = feature * Chunk.SIZE + Chunk.GUARD;
    FloatBuffer to = dense.values().buffer();
    FloatBuffer from = batch.dense(feature);
    Instances instances = batch.denseInstances(feature);
    for (int s = 0; s < samples; s++) {
      values[s] = from.get(instances.of(start + s));
    }
    if (batch.transform(feature) == Transform.LOG1P) {
      Logarithm.log1p(values, samples);
    }
    to.put(at, values, 0, samples);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    arena.close();
    batch.close();
    model.scorers().closed();
  }
}
