package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.Instances;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.ReferenceDlrm;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Samples a second through Java: from features in pinned memory to scores in pinned memory, copies
 * included. One thread keeps several scorers busy, each with a batch of its own, as a task does
 * that fills one while another runs; filling is not part of it.
 *
 * <p>{@code FOLDER/run --throughput}, docs/gpu-tests.md. Prints a table for docs/benchmarks.md.
 */
final class ScoringThroughput {
  private static final int NUM_EMBEDDINGS = 1_000_000;
  private static final DlrmConfig CONFIG = Models.of26Tables(NUM_EMBEDDINGS);
  private static final int WINDOWS = 9;
  private static final long WINDOW_NANOS = 300_000_000;

  /** An odd number without a factor in common with the tables' rows: scatters hot ids. */
  private static final long SCATTER = 611_953;

  /**
   * What is measured.
   *
   * @param rowsAUser how many rows in succession share a user, to whom half of the sparse features
   *     and all dense ones belong; 1: nothing is shared
   */
  private record Shape(int idsABag, int batch, int scorers, int rowsAUser) {
    @Override
    public String toString() {
      return "%s, B = %,d%s"
          .formatted(
              idsABag == 1 ? "one id a bag" : idsABag + " ids a bag",
              batch,
              rowsAUser == 1 ? "" : ", %d rows a user".formatted(rowsAUser));
    }
  }

  private final Shape shape;
  private final List<DlrmScorer> scorers = new ArrayList<>();
  private final List<float[]> expected = new ArrayList<>();
  private long submitNanos;

  private ScoringThroughput(Shape shape) {
    this.shape = shape;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    if (!Files.exists(folder)) {
      RandomModel.write(CONFIG, DType.BF16, DType.F32, 1, folder);
    }
    try (DlrmModel model = DlrmModels.open(folder, Backend.CUDA, Precision.BF16)) {
      System.out.println("| rows | scorers | MB a batch | M samples/s | submit, µs |");
      System.out.println("|---|---|---|---|---|");
      for (int scorers = 1; scorers <= 3; scorers++) {
        new ScoringThroughput(new Shape(1, 65_536, scorers, 1)).run(model, folder);
        new ScoringThroughput(new Shape(20, 16_384, scorers, 1)).run(model, folder);
      }
      new ScoringThroughput(new Shape(1, 65_536, 3, 10)).run(model, folder);
      new ScoringThroughput(new Shape(20, 16_384, 3, 10)).run(model, folder);
    }
  }

  private void run(DlrmModel model, Path folder) {
    try {
      for (int s = 0; s < shape.scorers; s++) {
        DlrmScorer scorer = model.newScorer(shape.batch);
        scorers.add(scorer);
        fill(scorer.batch(), new SplittableRandom(s));
        scorer.submit();
        scorer.await();
        check(scorer, folder);
        expected.add(copy(scorer.logits()));
      }
      double[] rates = measure();
      for (int s = 0; s < shape.scorers; s++) {
        if (!Arrays.equals(copy(scorers.get(s).logits()), expected.get(s))) {
          throw new IllegalStateException("Logits changed while they were timed");
        }
      }
      System.out.printf(
          "| %s | %d | %.1f | %.1f (%.1f–%.1f) | %.0f |%n",
          shape,
          shape.scorers,
          bytes(scorers.get(0).batch()) / 1e6,
          rates[WINDOWS / 2],
          rates[0],
          rates[WINDOWS - 1],
          submitNanos / 1e3);
    } finally {
      scorers.forEach(DlrmScorer::close);
    }
  }

  /** Millions of samples a second in each window, in rising order. */
  private double[] measure() {
    double[] rates = new double[WINDOWS];
    scorers.forEach(DlrmScorer::submit);
    for (int window = -1; window < WINDOWS; window++) { // the first to warm up
      int batches = 0;
      long submitting = 0;
      long start = System.nanoTime();
      long end = start;
      while (end - start < WINDOW_NANOS) {
        DlrmScorer next = scorers.get(batches % scorers.size());
        next.await();
        long awaited = System.nanoTime();
        next.submit();
        end = System.nanoTime();
        submitting += end - awaited;
        batches++;
      }
      submitNanos = submitting / batches;
      if (window >= 0) {
        rates[window] = 1e3 * batches * shape.batch / (end - start);
      }
      // A window begins with the first scorer.
      for (int rest = batches; rest % scorers.size() != 0; rest++) {
        DlrmScorer next = scorers.get(rest % scorers.size());
        next.await();
        next.submit();
      }
    }
    scorers.forEach(DlrmScorer::await);
    Arrays.sort(rates);
    return rates;
  }

  private void fill(FeatureBatch batch, SplittableRandom random) {
    int users = shape.batch / shape.rowsAUser;
    int shared = shape.rowsAUser == 1 ? 0 : CONFIG.sparseFeatures().size() / 2;
    if (shared > 0) {
      List<Integer> dense = IntStream.range(0, CONFIG.denseFeatures().size()).boxed().toList();
      Instances instances = batch.share(dense, IntStream.range(0, shared).boxed().toList());
      instances.count(users);
      for (int row = 0; row < shape.batch; row++) {
        instances.ofRows().put(row, Math.min(row / shape.rowsAUser, users - 1));
      }
    }
    batch.rows(shape.batch);
    for (int f = 0; f < CONFIG.denseFeatures().size(); f++) {
      for (int i = 0; i < batch.denseInstances(f).count(); i++) {
        batch.dense(f).put(i, (float) random.nextDouble(-1.7, 1.7));
      }
    }
    for (int f = 0; f < CONFIG.sparseFeatures().size(); f++) {
      int bags = batch.sparse(f).instances().count();
      int[] ids =
          random.doubles((long) bags * shape.idsABag).mapToInt(ScoringThroughput::skewed).toArray();
      batch.sparse(f).ids().ensure(ids.length);
      batch.sparse(f).ids().put(0, ids, 0, ids.length);
      for (int bag = 0; bag <= bags; bag++) {
        batch.sparse(f).offsets().put(bag, bag * shape.idsABag);
      }
    }
  }

  /** A row id: some are far more frequent than others, and lie anywhere in the table. */
  private static int skewed(double uniform) {
    long id = (long) (Math.pow(uniform, 3) * NUM_EMBEDDINGS);
    return (int) (id * SCATTER % NUM_EMBEDDINGS);
  }

  /** Some rows against float64: what is timed is right. */
  private void check(DlrmScorer scorer, Path folder) {
    ReferenceDlrm reference = new ReferenceDlrm(folder);
    FeatureBatch batch = scorer.batch();
    for (int row = 5; row < shape.batch; row += shape.batch / 3) {
      float[] dense = new float[CONFIG.denseFeatures().size()];
      for (int f = 0; f < dense.length; f++) {
        dense[f] = batch.dense(f).get(batch.denseInstances(f).of(row));
      }
      int[][] bags = new int[CONFIG.sparseFeatures().size()][shape.idsABag];
      for (int f = 0; f < bags.length; f++) {
        int first = batch.sparse(f).instances().of(row) * shape.idsABag;
        for (int i = 0; i < shape.idsABag; i++) {
          bags[f][i] = batch.sparse(f).ids().get(first + i);
        }
      }
      double logit = reference.logit(dense, bags);
      if (!(Math.abs(scorer.logits().get(row) - logit) < 0.05 * (1 + Math.abs(logit)))) {
        throw new IllegalStateException(
            "Invalid logit of row %d: %s, expected %s"
                .formatted(row, scorer.logits().get(row), logit));
      }
    }
  }

  /** What crosses to the device. */
  private static long bytes(FeatureBatch batch) {
    long bytes = 0;
    for (int f = 0; f < batch.denseFeatures(); f++) {
      bytes += (long) batch.denseInstances(f).count() * Float.BYTES;
    }
    for (int f = 0; f < batch.sparseFeatures(); f++) {
      int bags = batch.sparse(f).instances().count();
      int ids = batch.sparse(f).offsets().get(bags);
      bytes += (long) ids * batch.sparse(f).ids().idBytes();
      bytes += ids == bags ? 0 : (bags + 1L) * Integer.BYTES;
    }
    for (Instances instances : batch.shared()) {
      bytes += (long) batch.rows() * instances.ofRows().idBytes();
    }
    return bytes;
  }

  private static float[] copy(FloatBuffer values) {
    float[] copy = new float[values.limit()];
    values.get(0, copy);
    return copy;
  }
}
