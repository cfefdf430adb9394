package io.nightjar.scorer.cuda;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static io.nightjar.model.DlrmConfig.Family.TORCHREC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Pooling;
import io.nightjar.scorer.DlrmScorer;
import io.nightjar.scorer.Precision;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.ReferenceDlrm;
import io.nightjar.testing.Samples;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many batches, large tables and large batches: what 32 bits would not hold, and what leaks. */
@Tag("gpu")
@Tag("memory")
class TestCudaSizes {
  private static final long MIB = 1L << 20;

  @RegisterExtension static final KeptContext CONTEXT = new KeptContext();

  @TempDir Path temp;

  @Test
  void tenThousandBatchesTakeNoMoreMemory() throws IOException {
    DlrmConfig config =
        Models.of(
            TORCHREC,
            4,
            List.of(16),
            List.of(50, 60, 70),
            16,
            Pooling.MEAN,
            new Interaction.Cross(2, 8),
            List.of(8, 1));
    Samples samples = Samples.random(config, 600, 9, 5);
    List<Samples.Repeating> groups = Samples.usersAndItems(config);
    RandomModel.write(config, 5, temp);
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, Precision.FP32);
        DlrmScorer scorer = model.newScorer(600)) {
      float[] expected = score(scorer, samples, range(0, 600)); // grows what holds the row ids
      samples.fillShared(scorer.batch(), groups, range(0, 600));
      assertThat(score(scorer)).containsExactly(expected);
      long device = 0;
      int open = 0;
      long heap = 0;
      long process = 0;
      for (int i = 0; i < 12_000; i++) {
        if (i == 2_000) { // what is compiled and loaded is there by now
          device = model.context().freeBytes();
          open = model.context().openResources();
          heap = heapBytes();
          process = processBytes();
        }
        int[] rows = range(i % 560, i % 560 + 1 + i % 40);
        if (i % 3 == 0) {
          samples.fillShared(scorer.batch(), groups, rows);
        } else {
          scorer.batch().shareNothing();
          samples.fill(scorer.batch(), rows);
        }
        assertThat(score(scorer))
            .containsExactly(Arrays.copyOfRange(expected, rows[0], rows[0] + rows.length));
      }
      assertThat(model.context().freeBytes()).isEqualTo(device);
      assertThat(model.context().openResources()).isEqualTo(open);
      // 100 bytes a batch would be 1 MB, a page 40 MB.
      assertThat(heapBytes()).isLessThan(heap + MIB);
      assertThat(processBytes()).isLessThan(process + 20 * MIB);
    }
  }

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Private memory that the process has asked for, but for stacks and what is only reserved. */
  private static long processBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmData:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /** 10 GB in one table: rows past 2^31 and 2^32 elements and bytes, gathered and pooled. */
  @Test
  void theLastRowOfALargeTable() {
    int rows = 40_000_000;
    DlrmConfig config =
        Models.of(
            DLRM,
            0,
            List.of(),
            List.of(rows, 9),
            128,
            Pooling.SUM,
            new Interaction.Cat(),
            List.of(1));
    RandomModel.write(config, DType.BF16, DType.F32, 6, temp);
    ReferenceDlrm reference = new ReferenceDlrm(temp);
    int[] ids = {0, 8_388_607, 8_388_608, 16_777_215, 16_777_216, 33_554_432, rows - 2, rows - 1};
    Samples samples = new Samples(config);
    for (int id : ids) {
      samples.add(new float[0], new int[][] {{id}, {0}});
    }
    samples.add(new float[0], new int[][] {ids, {1, 2}});
    for (Precision precision : Precision.values()) {
      try (CudaDlrmModel model = CudaDlrmModel.open(temp, precision);
          DlrmScorer scorer = model.newScorer(ids.length + 1)) {
        float[] gathered = score(scorer, samples, range(0, ids.length));
        float[] pooled = score(scorer, samples, range(0, ids.length + 1));
        assertThat(Arrays.copyOf(pooled, ids.length)).containsExactly(gathered);
        double tolerance = precision == Precision.FP32 ? 2e-5 : 1e-2;
        for (int row = 0; row < pooled.length; row++) {
          double logit = reference.logit(samples.dense(row), samples.bags(row));
          assertThat((double) pooled[row])
              .as("row %d in %s", row, precision)
              .isCloseTo(logit, within(tolerance * (1 + Math.abs(logit))));
        }
      }
    }
  }

  /**
   * Activations of more than 2^31 elements: every row has the bits that it has in a small batch.
   */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void activationsOfMoreThanTwoBillionElements(Precision precision) {
    int rows = 2_100_000; // times 1,024
    DlrmConfig config =
        Models.of(
            DLRM,
            4,
            List.of(16),
            List.of(50, 60),
            16,
            Pooling.SUM,
            new Interaction.Dot(Interaction.Pairs.LOWER),
            List.of(1024, 8, 1));
    Samples samples = Samples.random(config, 997, 2, 7);
    RandomModel.write(config, 7, temp);
    try (CudaDlrmModel model = CudaDlrmModel.open(temp, precision)) {
      float[] expected;
      try (DlrmScorer scorer = model.newScorer(997)) {
        expected = score(scorer, samples, range(0, 997));
      }
      try (DlrmScorer scorer = model.newScorer(rows)) {
        assertThat(scorer.batch().capacity()).isEqualTo(rows);
        float[] logits =
            score(scorer, samples, IntStream.range(0, rows).map(row -> row % 997).toArray());
        int different =
            (int) IntStream.range(0, rows).filter(r -> logits[r] != expected[r % 997]).count();
        assertThat(different).as("rows that differ").isZero();
      }
    }
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  private static float[] score(DlrmScorer scorer, Samples samples, int... rows) {
    samples.fill(scorer.batch(), rows);
    return score(scorer);
  }

  /** The logits of the batch as it was filled. */
  private static float[] score(DlrmScorer scorer) {
    scorer.submit();
    scorer.await();
    float[] logits = new float[scorer.batch().rows()];
    scorer.logits().get(0, logits);
    return logits;
  }
}
