package io.nightjar.scorer.cuda;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.cuda.Closer;
import io.nightjar.cuda.CudaContext;
import io.nightjar.cuda.CudaDevice;
import io.nightjar.cuda.CudaStream;
import io.nightjar.cuda.DeviceBuffer;
import io.nightjar.cuda.PinnedBuffer;
import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.ModelContent;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.DlrmModel;
import io.nightjar.scorer.DlrmModels;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.ReferenceDlrm;
import io.nightjar.testing.Samples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * How long a model of 30 GB takes until it is ready on the GPU, beside how long its files take to
 * be read from the page cache, by as many threads and in pieces as large: into plain memory that is
 * used over and over, and nothing done with what was read.
 *
 * <p>{@code FOLDER/run --load TMP}, docs/gpu-tests.md. Prints a table for docs/benchmarks.md.
 */
final class ModelLoad {
  private static final DlrmConfig CONFIG = Models.of26Tables(4_500_000);
  private static final int ROUNDS = 5;
  private static final int THREADS = TableFiles.THREADS;
  private static final int PIECE_BYTES = PinnedRing.SLOT_BYTES;
  private static final int COPY_BYTES = 64 << 20;
  private static final int SAMPLES = 40;
  private static final long TABLE_BYTES = 4_500_000L * 128 * DType.BF16.bytes();

  private ModelLoad() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    if (!Files.exists(folder)) {
      RandomModel.write(CONFIG, DType.BF16, DType.F32, 1, folder);
    }
    Path file = folder.resolve("model.safetensors");
    read(file, THREADS); // into the page cache, whatever of it is not there
    long start = System.nanoTime();
    // Kept, as by an executor that opens a second model: the first one in a process waits for it.
    try (CudaContext context = CudaContext.open(CudaDevice.get(0))) {
      double opened = seconds(start);
      double[] reads = new double[ROUNDS];
      double[] alone = new double[ROUNDS];
      double[] copies = new double[ROUNDS];
      double[] hashes = new double[ROUNDS];
      double[] loads = new double[ROUNDS];
      double[] tables = new double[ROUNDS];
      double[] pinned = new double[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        reads[round] = read(file, THREADS);
        loads[round] = load(folder, round == 0);
        alone[round] = read(file, 1);
        copies[round] = copy(context, Files.size(file));
        tables[round] = allocateTables(context);
        pinned[round] = allocatePinned(context);
        start = System.nanoTime();
        ModelContent.hash(folder);
        hashes[round] = seconds(start);
      }
      double gigabytes = Files.size(file) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%.2f GB, %d threads, pieces of %d MiB; CUDA context opened in %.2f s%n%n",
          gigabytes,
          THREADS,
          PIECE_BYTES >> 20,
          opened);
      System.out.println("| what | s, median (least to most) of 5 | GB/s | of reading |");
      System.out.println("|---|---|---|---|");
      print("read from the page cache, %d threads".formatted(THREADS), reads, gigabytes, reads);
      print("model ready on the GPU, its files hashed on the way", loads, gigabytes, reads);
      print("hashed alone, mapped", hashes, gigabytes, reads);
      print("as many bytes from pinned memory to the GPU", copies, gigabytes, reads);
      print("read from the page cache, 1 thread", alone, gigabytes, reads);
      print("memory of the tables allocated", tables, gigabytes, reads);
      print("pinned memory of all threads allocated", pinned, gigabytes, reads);
    }
  }

  private static void print(String what, double[] times, double gigabytes, double[] reads) {
    Arrays.sort(times);
    double median = times[ROUNDS / 2];
    System.out.printf(
        Locale.ROOT,
        "| %s | %.3f (%.3f to %.3f) | %.1f | %.2f |%n",
        what,
        median,
        times[0],
        times[ROUNDS - 1],
        gigabytes / median,
        median / reads[ROUNDS / 2]);
  }

  /** Seconds until the model could be scored with; the first time it is. */
  private static double load(Path folder, boolean check) {
    long start = System.nanoTime();
    try (DlrmModel model = DlrmModels.open(folder, Backend.CUDA, Precision.BF16)) {
      double ready = seconds(start);
      if (check) {
        check(model, folder);
      }
      return ready;
    }
  }

  /** Some rows against float64, and the hash against that of the mapped files. */
  private static void check(DlrmModel model, Path folder) {
    if (!model.content().equals(ModelContent.hash(folder))) {
      throw new IllegalStateException("Invalid hash of what was loaded: " + model.content());
    }
    ReferenceDlrm reference = new ReferenceDlrm(folder);
    Samples samples = Samples.oneHot(CONFIG, SAMPLES, 1);
    try (DlrmScorer scorer = model.newScorer(SAMPLES)) {
      FeatureBatch batch = scorer.batch();
      samples.fill(batch, IntStream.range(0, SAMPLES).toArray());
      scorer.submit();
      scorer.await();
      for (int row = 0; row < SAMPLES; row++) {
        double logit = reference.logit(samples.dense(row), samples.bags(row));
        if (!(Math.abs(scorer.logits().get(row) - logit) < 0.05 * (1 + Math.abs(logit)))) {
          throw new IllegalStateException(
              "Invalid logit of row %d: %s, expected %s"
                  .formatted(row, scorer.logits().get(row), logit));
        }
      }
    }
  }

  /** Seconds that copying so many bytes takes, over and over from one large pinned buffer. */
  private static double copy(CudaContext context, long bytes) {
    try (CudaStream stream = CudaStream.open(context);
        PinnedBuffer from = PinnedBuffer.allocate(context, COPY_BYTES);
        DeviceBuffer to = DeviceBuffer.allocate(context, "copies", COPY_BYTES)) {
      long start = System.nanoTime();
      for (long copied = 0; copied < bytes; copied += COPY_BYTES) {
        stream.copyToDevice(to, 0, from.bytes(), Math.min(COPY_BYTES, bytes - copied));
      }
      stream.await();
      return seconds(start);
    }
  }

  /** Seconds that allocating the tables takes, and nothing else of a load. */
  private static double allocateTables(CudaContext context) {
    long start = System.nanoTime();
    try (Closer closer = new Closer()) {
      for (int table = 0; table < CONFIG.tables().size(); table++) {
        closer.add(DeviceBuffer.allocate(context, "table " + table, TABLE_BYTES));
      }
      return seconds(start);
    }
  }

  /** Seconds that opening the rings takes which threads read into. */
  private static double allocatePinned(CudaContext context) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Closer closer = new Closer()) {
      long start = System.nanoTime();
      List<Callable<PinnedRing>> openers =
          Collections.nCopies(THREADS, () -> PinnedRing.open(context, 0));
      List<Future<PinnedRing>> rings = threads.invokeAll(openers);
      double took = seconds(start);
      for (Future<PinnedRing> ring : rings) {
        closer.add(ring.get());
      }
      return took;
    } finally {
      threads.shutdown();
    }
  }

  /** Seconds that reading the file takes. */
  private static double read(Path file, int count) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(count);
    try {
      long bytes = Files.size(file);
      List<Callable<Object>> readers = new ArrayList<>();
      for (int t = 0; t < count; t++) {
        long from = bytes * t / count;
        long to = bytes * (t + 1) / count;
        readers.add(Executors.callable(() -> read(file, from, to)));
      }
      long start = System.nanoTime();
      for (Future<Object> reader : threads.invokeAll(readers)) {
        reader.get();
      }
      return seconds(start);
    } finally {
      threads.shutdown();
    }
  }

  private static void read(Path file, long from, long to) {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      for (long at = from; at < to; ) {
        piece.clear().limit((int) Math.min(PIECE_BYTES, to - at));
        at += channel.read(piece, at);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file + ": " + e, e);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
