package io.nightjar.spark.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.nightjar.spark.spec.BadRowReason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Statistics add up in any order, and come back from JSON as they were. */
class TestScoringStatistics {
  private static final JsonMapper PLAIN = new JsonMapper();

  @Property(tries = 200)
  void theOrderOfMergingDoesNotMatter(
      @ForAll("some") ScoringStatistics a,
      @ForAll("some") ScoringStatistics b,
      @ForAll("some") ScoringStatistics c) {
    assertSame(a.merge(b), b.merge(a));
    assertSame(a.merge(b).merge(c), a.merge(b.merge(c)));
    assertThat(a.merge(ScoringStatistics.EMPTY)).isEqualTo(a);
    assertThat(ScoringStatistics.EMPTY.merge(a)).isEqualTo(a);
  }

  private static void assertSame(ScoringStatistics one, ScoringStatistics other) {
    assertThat(one.scores().sum())
        .isCloseTo(other.scores().sum(), within(1e-12 * Math.abs(other.scores().sum())));
    assertThat(withoutSum(one)).isEqualTo(withoutSum(other));
  }

  private static ScoringStatistics withoutSum(ScoringStatistics all) {
    ScoreStatistics s = all.scores();
    return new ScoringStatistics(
        all.rowsIn(),
        all.rowsOut(),
        all.badRows(),
        new ScoreStatistics(
            s.count(), s.notFinite(), s.outside(), 0, s.min(), s.max(), s.histogram()),
        all.sparse(),
        all.dense(),
        all.stageNanos(),
        all.batches(),
        all.device());
  }

  @Property(tries = 200)
  void jsonComesBack(@ForAll("some") ScoringStatistics statistics) throws IOException {
    String json = PLAIN.writeValueAsString(statistics);
    assertThat(PLAIN.readValue(json, ScoringStatistics.class)).isEqualTo(statistics);
    JsonMapper other =
        JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.LOWER_CAMEL_CASE)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .build();
    assertThat(other.readTree(other.writeValueAsString(statistics)))
        .isEqualTo(other.readTree(json));
  }

  @Property(tries = 50)
  void tasksSendThem(@ForAll("some") ScoringStatistics statistics) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(statistics);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(statistics);
    }
  }

  @Test
  void jsonNamesThings() throws IOException {
    ScoringStatistics statistics =
        new ScoringStatistics(
            5,
            3,
            bad(BadRowReason.NULL_IN_ARRAY, "s0", 2),
            new ScoreStatistics(
                2, 1, 0, 0.75, 0.25, 0.5, new ScoreHistogram(new TreeMap<>(Map.of(7, 2L)))),
            new TreeMap<>(Map.of("s0", new SparseStatistics(3, 1, 9, 4))),
            new TreeMap<>(Map.of("d0", new DenseStatistics(5, 2))),
            new TreeMap<>(Map.of(Stage.COPY_OUT, 8L)),
            6,
            new TreeMap<>(Map.of(DeviceCount.BYTES_IN, 900L)));

    assertThat(PLAIN.writeValueAsString(statistics))
        .isEqualTo(
            """
            {"rows_in":5,"rows_out":3,"bad_rows":{"null-in-array":{"s0":2}},\
            "scores":{"count":2,"not_finite":1,"outside":0,"sum":0.75,"min":0.25,"max":0.5,\
            "histogram":{"counts":{"7":2}}},\
            "sparse":{"s0":{"bags":3,"empty_bags":1,"ids":9,"replaced_ids":4}},\
            "dense":{"d0":{"rows":5,"replaced_nulls":2}},"stage_nanos":{"copy-out":8},\
            "batches":6,"device":{"bytes-in":900}}""");
    assertThat(statistics.badRowCount()).isEqualTo(2);
    assertThat(statistics.scored()).isEqualTo(3);
    assertThat(statistics.scores().mean()).isEqualTo(0.375);
    assertThat(ScoreStatistics.EMPTY.mean()).isZero();
  }

  private static SortedMap<BadRowReason, SortedMap<String, Long>> bad(
      BadRowReason reason, String column, long rows) {
    return new TreeMap<>(Map.of(reason, new TreeMap<>(Map.of(column, rows))));
  }

  @Provide
  Arbitrary<ScoringStatistics> some() {
    Arbitrary<Long> counts = Arbitraries.longs().between(0, 1L << 40);
    Arbitrary<String> names = Arbitraries.of("a", "b", "c d");
    Arbitrary<SortedMap<BadRowReason, SortedMap<String, Long>>> bad =
        Combinators.combine(Arbitraries.of(BadRowReason.class), names, counts)
            .as(TestScoringStatistics::bad);
    Arbitrary<SortedMap<String, SparseStatistics>> sparse =
        Arbitraries.maps(
                names,
                Combinators.combine(counts, counts, counts, counts).as(SparseStatistics::new))
            .map(TreeMap::new);
    Arbitrary<SortedMap<String, DenseStatistics>> dense =
        Arbitraries.maps(names, Combinators.combine(counts, counts).as(DenseStatistics::new))
            .map(TreeMap::new);
    Arbitrary<SortedMap<Stage, Long>> stages =
        Arbitraries.maps(Arbitraries.of(Stage.class), counts).map(TreeMap::new);
    Arbitrary<SortedMap<DeviceCount, Long>> device =
        Arbitraries.maps(Arbitraries.of(DeviceCount.class), counts).map(TreeMap::new);
    Arbitrary<ScoringStatistics> ofTasks =
        Combinators.combine(counts, counts, bad, scores(), sparse, dense, stages)
            .as(
                (in, out, badRows, scores, bags, values, nanos) ->
                    new ScoringStatistics(
                        in, out, badRows, scores, bags, values, nanos, 0, new TreeMap<>()));
    return Combinators.combine(ofTasks, counts, device)
        .as(
            (s, batches, counted) ->
                new ScoringStatistics(
                    s.rowsIn(),
                    s.rowsOut(),
                    s.badRows(),
                    s.scores(),
                    s.sparse(),
                    s.dense(),
                    s.stageNanos(),
                    batches,
                    counted));
  }

  private static Arbitrary<ScoreStatistics> scores() {
    return Arbitraries.floats()
        .between(0, 1)
        .list()
        .ofMaxSize(20)
        .map(
            scores -> {
              ScoreStatistics all = ScoreStatistics.EMPTY;
              for (float score : scores) {
                all = all.merge(one(score));
              }
              return all;
            });
  }

  private static ScoreStatistics one(float score) {
    ScoreHistogram histogram =
        new ScoreHistogram(new TreeMap<>(Map.of(ScoreHistogram.bin(score), 1L)));
    return new ScoreStatistics(1, 0, 0, score, score, score, histogram);
  }
}
