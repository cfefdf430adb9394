package io.nightjar.scorer;

import static io.nightjar.model.DlrmConfig.Family.DLRM;
import static io.nightjar.model.DlrmConfig.Family.TORCHREC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.batch.Instances;
import io.nightjar.batch.IntegerHash;
import io.nightjar.batch.Logarithm;
import io.nightjar.batch.Transform;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.Interaction;
import io.nightjar.model.Interaction.Pairs;
import io.nightjar.model.Pooling;
import io.nightjar.testing.Models;
import io.nightjar.testing.RandomModel;
import io.nightjar.testing.Samples;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backend must do with batches, whatever the scores. */
public abstract class BatchSuite {
  protected static final Interaction LOWER = new Interaction.Dot(Pairs.LOWER);
  protected static final Interaction UPPER = new Interaction.Dot(Pairs.UPPER);

  @TempDir protected Path temp;

  /** Opens the model in {@code folder} on the backend under test. */
  protected abstract DlrmModel open(Path folder);

  /** A row's score has the same bits in whatever batch and wherever in it the row rides. */
  @ParameterizedTest
  @ValueSource(ints = {1, 31, 32, 33, 255, 256, 257, 700})
  void scoresDoNotDependOnTheBatch(int batch) {
    DlrmConfig config =
        model(DLRM, 13, List.of(96, 16), List.of(500, 40), 16, LOWER, List.of(200, 31, 1));
    Samples samples = Samples.random(config, 700, 4, 5);
    try (DlrmModel model = open(RandomModel.write(config, 5, temp))) {
      Scored expected = score(model, samples, all(samples));
      List<Integer> shuffled = new ArrayList<>(all(samples));
      Collections.shuffle(shuffled, new Random(batch));
      try (DlrmScorer scorer = model.newScorer(batch)) {
        for (int at = 0; at < shuffled.size(); at += batch) {
          List<Integer> rows = shuffled.subList(at, Math.min(at + batch, shuffled.size()));
          Scored scored = score(scorer, samples, rows);
          for (int i = 0; i < rows.size(); i++) {
            assertThat(scored.logits.get(i)).isEqualTo(expected.logits.get(rows.get(i)));
            assertThat(scored.scores.get(i)).isEqualTo(expected.scores.get(rows.get(i)));
          }
        }
      }
    }
  }

  static Stream<Arguments> shapesThatRepeat() {
    List<Integer> rows = List.of(100, 1, 37, 300, 70_000);
    List<Integer> top = List.of(24, 1);
    return Stream.of(
        Arguments.of("lower", 9, model(DLRM, 5, List.of(20, 16), rows, 16, LOWER, top)),
        Arguments.of("upper", 2, model(TORCHREC, 2, List.of(16), rows, 16, UPPER, top)),
        Arguments.of("cat", 5, model(DLRM, 4, List.of(12), rows, 20, new Interaction.Cat(), top)),
        Arguments.of(
            "no dense, cross", 3, model(TORCHREC, 0, List.of(), rows, 5, cross(2, 3), top)),
        Arguments.of("33 vectors", 4, wide(32)));
  }

  /** Users and items that are filled once, in batches that follow one another. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("shapesThatRepeat")
  void repeatingFeaturesGiveTheSameBits(String name, int longestBag, DlrmConfig config) {
    Samples samples =
        Samples.joined(
            Samples.random(config, 40, longestBag, 13),
            Samples.random(config, 25, longestBag, 14),
            Samples.random(config, 300, longestBag, 15));
    Samples oneHot =
        Samples.joined(
            Samples.oneHot(config, 7, 16),
            Samples.oneHot(config, 11, 17),
            Samples.oneHot(config, 300, 18));
    List<Samples.Repeating> groups = Samples.usersAndItems(config);
    try (DlrmModel model = open(RandomModel.write(config, 13, temp));
        DlrmScorer scorer = model.newScorer(300)) {
      for (Samples rows : List.of(samples, oneHot)) {
        Scored expected = score(scorer, rows, all(rows));
        for (int count : List.of(300, 1, 33, 299)) {
          int[] some = IntStream.range(300 - count, 300).toArray();
          rows.fillShared(scorer.batch(), groups, some);
          Scored shared = score(scorer);
          assertThat(shared.logits).isEqualTo(expected.logits.subList(300 - count, 300));
          assertThat(shared.scores).isEqualTo(expected.scores.subList(300 - count, 300));
        }
        scorer.batch().shareNothing();
      }
    }
  }

  /** An instance that is not there is refused, and never looked up. */
  @ParameterizedTest
  @CsvSource({"3, 3", "-1, not 0 to 254", "254, 254", "255, not 0 to 254"})
  void instanceThatIsNotThere(int instance, String found) {
    DlrmConfig config = model(DLRM, 1, List.of(4), List.of(9, 5), 4, LOWER, List.of(1));
    Samples samples = Samples.random(config, 5, 3, 9);
    try (DlrmModel model = open(RandomModel.write(config, 9, temp));
        DlrmScorer scorer = model.newScorer(5)) {
      samples.fill(scorer.batch(), 0, 1, 2, 3, 4);
      Instances instances = scorer.batch().share(List.of(0), List.of(1));
      instances.ofRows().put(0, new int[] {0, 2, 1, instance, instance}, 0, 5);
      instances.count(3);
      assertThatThrownBy(() -> score(scorer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid instance of feature s1 in row 3: " + found + ", expected 0 to 2");
      instances.count(0);
      assertThatThrownBy(() -> score(scorer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid number of instances of feature s1: 0, expected 1 to 5");
      instances.count(6);
      assertThatThrownBy(() -> score(scorer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid number of instances of feature s1: 6, expected 1 to 5");
      scorer.batch().shareNothing();
      assertThat(score(scorer, samples, List.of(0, 1)).scores).doesNotContain(Float.NaN);
    }
  }

  @Test
  void rowIdOfAnInstance() {
    DlrmConfig config = model(DLRM, 1, List.of(4), List.of(9, 5), 4, LOWER, List.of(1));
    Samples samples = Samples.random(config, 3, 0, 9);
    try (DlrmModel model = open(RandomModel.write(config, 9, temp));
        DlrmScorer scorer = model.newScorer(3)) {
      samples.fill(scorer.batch(), 0, 1, 2);
      Instances instances = scorer.batch().share(List.of(), List.of(1));
      instances.ofRows().put(0, new int[] {0, 1, 1}, 0, 3);
      instances.count(2);
      scorer.batch().sparse(1).offsets().put(0, new int[] {0, 1, 2});
      scorer.batch().sparse(1).ids().put(0, new int[] {4, 5}, 0, 2);
      assertThatThrownBy(() -> score(scorer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid row id of sparse feature s1 in instance 1: 5, expected 0 to 4"
                  + " (num_embeddings 5)");
    }
  }

  /** Where every bag has one row id, offsets are not read: they may be anything. */
  @Test
  void oneIdABag() {
    DlrmConfig config = model(DLRM, 1, List.of(4), List.of(9, 5), 4, LOWER, List.of(1));
    Samples samples = new Samples(config);
    for (int i = 0; i < 3; i++) {
      samples.add(new float[] {i}, new int[][] {{i + 3}, {i}});
    }
    try (DlrmModel model = open(RandomModel.write(config, 9, temp));
        DlrmScorer scorer = model.newScorer(3)) {
      Scored expected = score(scorer, samples, List.of(0, 1, 2));
      scorer.batch().sparse(0).haveOneIdABag();
      scorer.batch().sparse(0).offsets().put(0, new int[] {7, -1, 3, 100});
      assertThat(score(scorer).logits).isEqualTo(expected.logits);
      scorer.batch().sparse(0).ids().put(2, 9);
      assertThatThrownBy(() -> score(scorer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid row id of sparse feature s0 in row 2: 9, expected 0 to 8"
                  + " (num_embeddings 9)");
    }
  }

  /** Row ids are what Spark's hash of a value makes of it, also of features that repeat. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void valuesAreHashedByTheScorer(int longestBag) {
    int[] hashRows = {1, 300, 70_000, 123, 16_777_216};
    DlrmConfig config =
        model(DLRM, 2, List.of(8), List.of(1, 300, 70_000, 400, 16_777_216), 8, LOWER, List.of(1));
    Samples values = new Samples(config);
    Samples rowIds = new Samples(config);
    Random random = new Random(longestBag);
    for (int row = 0; row < 301; row++) {
      int[][] bags = new int[5][];
      int[][] hashed = new int[5][];
      for (int f = 0; f < 5; f++) {
        bags[f] = random.ints(longestBag == 1 ? 1 : random.nextInt(longestBag + 1)).toArray();
        hashed[f] = hashed(bags[f], hashRows[f]);
      }
      float[] dense = {row, -row};
      values.add(dense, bags);
      rowIds.add(dense, hashed);
    }
    try (DlrmModel model = open(RandomModel.write(config, 20, temp));
        DlrmScorer scorer = model.newScorer(301)) {
      Scored expected = score(scorer, rowIds, all(rowIds));
      // One feature keeps its row ids, side by side with values.
      for (int f : List.of(0, 1, 2, 4)) {
        scorer.batch().sparse(f).ids().hash(hashRows[f]);
      }
      values.fill(scorer.batch(), IntStream.range(0, 301).toArray());
      rowIds.fillSparse(scorer.batch(), 3, IntStream.range(0, 301).toArray());
      assertThat(score(scorer).logits).isEqualTo(expected.logits);
      scorer.batch().sparse(3).ids().hash(hashRows[3]);
      values.fillShared(
          scorer.batch(), Samples.usersAndItems(config), IntStream.range(0, 301).toArray());
      assertThat(score(scorer).logits).isEqualTo(expected.logits);
      scorer.batch().shareNothing();
      for (int f = 0; f < 5; f++) {
        scorer.batch().sparse(f).ids().hash(0);
      }
      assertThat(score(scorer, rowIds, all(rowIds)).logits).isEqualTo(expected.logits);
    }
  }

  private static int[] hashed(int[] values, int rows) {
    long[] hashes = IntStream.of(values).asLongStream().toArray();
    IntegerHash.ofInts(hashes, hashes.length, IntegerHash.SEED);
    return LongStream.of(hashes).mapToInt(hash -> (int) Math.floorMod(hash, (long) rows)).toArray();
  }

  /** The bits are those of logarithms that were filled, also of values that repeat. */
  @Test
  void logarithmsAreTakenByTheScorer() {
    DlrmConfig config = model(DLRM, 3, List.of(16), List.of(9), 16, LOWER, List.of(8, 1));
    Samples values = new Samples(config);
    Samples logarithms = new Samples(config);
    Random random = new Random(21);
    for (int row = 0; row < 700; row++) {
      float[] dense = {row * 7, random.nextFloat() * 3 - 0.999f, row % 5};
      float[] of = dense.clone();
      Logarithm.log1p(of, 2);
      int[][] bags = {{row % 9}};
      values.add(dense, bags);
      logarithms.add(of, bags);
    }
    try (DlrmModel model = open(RandomModel.write(config, 21, temp));
        DlrmScorer scorer = model.newScorer(700)) {
      Scored expected = score(scorer, logarithms, all(values));
      scorer.batch().transform(0, Transform.LOG1P);
      scorer.batch().transform(1, Transform.LOG1P);
      assertThat(score(scorer, values, all(values)).logits).isEqualTo(expected.logits);
      values.fillShared(
          scorer.batch(),
          List.of(new Samples.Repeating(List.of(0, 1), List.of())),
          IntStream.range(0, 700).toArray());
      assertThat(score(scorer).logits).isEqualTo(expected.logits);
      scorer.batch().shareNothing();
      scorer.batch().transform(0, Transform.NONE);
      scorer.batch().transform(1, Transform.NONE);
      assertThat(score(scorer, logarithms, all(values)).logits).isEqualTo(expected.logits);
    }
  }

  /** A filler that went wrong must not make a scorer read beyond its memory. */
  @Test
  void bagsThatDoNotFollowOneAnother() {
    DlrmConfig config = model(DLRM, 0, List.of(), List.of(9), 4, new Interaction.Cat(), List.of(1));
    try (DlrmModel model = open(RandomModel.write(config, 1, temp));
        DlrmScorer scorer = model.newScorer(3)) {
      scorer.batch().rows(3);
      assertOffsets(scorer, "row 0: 1, expected 0", 1, 1, 1, 1);
      assertOffsets(scorer, "row 0: -1, expected 0", -1, 1, 1, 1);
      assertOffsets(scorer, "row 1: 2, expected 0 to 1", 0, 2, 1, 1);
      assertOffsets(scorer, "row 2: 1, expected 2 to 3", 0, 2, 1, 3);
      assertOffsets(scorer, "row 2: -5, expected 2 to 3", 0, 2, -5, 3);
      assertOffsets(scorer, "row 2: 2147483647, expected 2 to 3", 0, 2, Integer.MAX_VALUE, 3);
      assertOffsets(scorer, "row 3: 4, expected 0 to 3", 0, 1, 2, 4);
      assertOffsets(scorer, "row 3: -1, expected 0 to 3", 0, 1, 2, -1);
      scorer.batch().sparse(0).offsets().put(0, new int[] {0, 0, 3, 3});
      assertThat(score(scorer).scores).doesNotContain(Float.NaN);
    }
  }

  private static void assertOffsets(DlrmScorer scorer, String message, int... offsets) {
    scorer.batch().sparse(0).offsets().put(0, offsets);
    assertThatThrownBy(() -> score(scorer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid offset of sparse feature s0 in " + message + " (num_embeddings 9)");
  }

  /** What an earlier batch left behind, NaN and infinity among it, does not reach the next. */
  @Test
  void scoresDoNotDependOnTheBatchBefore() {
    DlrmConfig config = model(TORCHREC, 3, List.of(8), List.of(50), 8, cross(2, 4), List.of(6, 1));
    Samples samples = Samples.random(config, 40, 3, 6);
    Samples poison = new Samples(config);
    for (int i = 0; i < 40; i++) {
      poison.add(new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e38f}, new int[][] {{i}});
    }
    try (DlrmModel model = open(RandomModel.write(config, 6, temp));
        DlrmScorer scorer = model.newScorer(40)) {
      Scored expected = score(scorer, samples, List.of(0, 1, 2));
      assertThat(score(scorer, poison, all(poison)).scores).containsOnly(Float.NaN);
      Scored scored = score(scorer, samples, List.of(0, 1, 2));
      assertThat(scored.logits).isEqualTo(expected.logits);
      assertThat(scored.scores).isEqualTo(expected.scores);
    }
  }

  /** Each in a thread of its own; what one is given that is wrong does not reach the others. */
  @ParameterizedTest
  @ValueSource(ints = {2, 7})
  void scorersInThreadsGiveTheSameBits(int scorers) throws Exception {
    DlrmConfig config =
        model(DLRM, 13, List.of(64, 16), List.of(500, 40), 16, LOWER, List.of(99, 1));
    Samples samples = Samples.random(config, 600, 4, 7);
    Samples bad = new Samples(config);
    bad.add(new float[13], new int[][] {{1}, {2, 40}});
    ExecutorService threads = Executors.newFixedThreadPool(scorers);
    CyclicBarrier together = new CyclicBarrier(scorers);
    try (DlrmModel model = open(RandomModel.write(config, 7, temp))) {
      Scored expected = score(model, samples, all(samples));
      List<Future<?>> results = new ArrayList<>();
      for (int s = 0; s < scorers; s++) {
        boolean isGivenBadOnes = s == 1;
        results.add(
            threads.submit(
                () -> {
                  together.await();
                  try (DlrmScorer scorer = model.newScorer(600)) {
                    for (int round = 0; round < 5; round++) {
                      Scored scored = score(scorer, samples, all(samples));
                      assertThat(scored.logits).isEqualTo(expected.logits);
                      assertThat(scored.scores).isEqualTo(expected.scores);
                      if (isGivenBadOnes) {
                        assertThatThrownBy(() -> score(scorer, bad, List.of(0)))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageContaining("40, expected 0 to 39");
                      }
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void emptyBatch() {
    DlrmConfig config = model(DLRM, 1, List.of(4), List.of(5), 4, LOWER, List.of(1));
    try (DlrmModel model = open(RandomModel.write(config, 8, temp));
        DlrmScorer scorer = model.newScorer(3)) {
      scorer.batch().rows(0);
      scorer.submit();
      scorer.await();
      assertThat(scorer.scores().remaining()).isZero();
      assertThat(scorer.logits().remaining()).isZero();
      assertThat(scorer.cost()).isEqualTo(BatchCost.NONE);
    }
  }

  @Test
  void tellsWhatABatchCost() {
    DlrmConfig config = model(DLRM, 1, List.of(4), List.of(5), 4, LOWER, List.of(1));
    try (DlrmModel model = open(RandomModel.write(config, 8, temp));
        DlrmScorer scorer = model.newScorer(3)) {
      scorer.batch().rows(3);
      scorer.submit();
      scorer.await();
      BatchCost cost = scorer.cost();
      assertThat(cost.computeNanos()).isPositive();
      if (model.backend() == Backend.CPU) {
        assertThat(cost).isEqualTo(BatchCost.ofCompute(cost.computeNanos()));
      } else {
        assertThat(cost.copyInNanos()).isPositive();
        assertThat(cost.copyOutNanos()).isPositive();
        assertThat(cost.busyNanos()).isPositive();
        // A dense value a row; a score and a logit a row.
        assertThat(cost.bytesIn()).isGreaterThanOrEqualTo(3 * Float.BYTES);
        assertThat(cost.bytesOut()).isGreaterThanOrEqualTo(3 * 2 * Float.BYTES);
      }
    }
  }

  /** Ids of one, two, three and four bytes: those that do not fit are not told exactly. */
  @ParameterizedTest
  @CsvSource({
    "5, 5, 5",
    "5, 254, 254",
    "5, -1, not 0 to 254",
    "5, 256, not 0 to 254",
    "5, -2147483648, not 0 to 254",
    "5, 2147483647, not 0 to 254",
    "300, 300, 300",
    "300, -1, not 0 to 65534",
    "300, 65536, not 0 to 65534",
    "70000, 70000, 70000",
    "70000, -1, not 0 to 16777214",
    "16777216, 2147483647, 2147483647"
  })
  void rowIdOutsideItsTable(int numEmbeddings, int id, String found) {
    DlrmConfig config = model(DLRM, 1, List.of(1), List.of(9, numEmbeddings), 1, LOWER, List.of(1));
    Samples samples = Samples.random(config, 2, 3, 9);
    samples.add(new float[] {1}, new int[][] {{8}, {numEmbeddings - 1, id}});
    try (DlrmModel model = open(RandomModel.write(config, 9, temp));
        DlrmScorer scorer = model.newScorer(3)) {
      samples.fill(scorer.batch(), 0, 1, 2);
      assertThatThrownBy(
              () -> {
                scorer.submit();
                scorer.await();
              })
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Invalid row id of sparse feature s1 in row 2: %s, expected 0 to %d"
                  + " (num_embeddings %d)",
              found, numEmbeddings - 1, numEmbeddings);
      Scored scored = score(scorer, samples, List.of(0, 1));
      assertThat(scored.scores).doesNotContain(Float.NaN);
    }
  }

  /** Scores and logits of some rows. */
  protected record Scored(List<Float> scores, List<Float> logits) {}

  /** Scores {@code rows} of {@code samples} in one batch of a scorer of its own. */
  protected static Scored score(DlrmModel model, Samples samples, List<Integer> rows) {
    try (DlrmScorer scorer = model.newScorer(rows.size())) {
      return score(scorer, samples, rows);
    }
  }

  /** Scores {@code rows} of {@code samples} in one batch. */
  protected static Scored score(DlrmScorer scorer, Samples samples, List<Integer> rows) {
    samples.fill(scorer.batch(), rows.stream().mapToInt(Integer::intValue).toArray());
    return score(scorer);
  }

  /** Scores the batch as it was filled. */
  protected static Scored score(DlrmScorer scorer) {
    scorer.submit();
    scorer.await();
    return new Scored(copy(scorer.scores()), copy(scorer.logits()));
  }

  /** A model with tables of {@code rows} rows, pooled by sum. */
  protected static DlrmConfig model(
      DlrmConfig.Family family,
      int dense,
      List<Integer> bottom,
      List<Integer> rows,
      int dim,
      Interaction interaction,
      List<Integer> top) {
    return Models.of(family, dense, bottom, rows, dim, Pooling.SUM, interaction, top);
  }

  protected static DlrmConfig wide(int features) {
    return model(DLRM, 2, List.of(8), Collections.nCopies(features, 11), 8, LOWER, List.of(16, 1));
  }

  protected static Interaction cross(int layers, int rank) {
    return new Interaction.Cross(layers, rank);
  }

  /** Every row. */
  protected static List<Integer> all(Samples samples) {
    return IntStream.range(0, samples.rows()).boxed().toList();
  }

  private static List<Float> copy(FloatBuffer values) {
    List<Float> copy = new ArrayList<>();
    for (int i = values.position(); i < values.limit(); i++) {
      copy.add(values.get(i));
    }
    return copy;
  }
}
