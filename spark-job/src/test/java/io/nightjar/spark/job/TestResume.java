package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.spark.SparkStatusTracker;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that failed half-way goes on with the units that it lacks. */
class TestResume {
  private static final int FILES = 32;
  private static final int ROWS = 257 * 8;

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    LocalSpark.session()
        .read()
        .parquet(Goldens.folder("dlrm-dot-onehot").resolve("examples.parquet").toString())
        .selectExpr("*", "explode(sequence(0, 7)) as copy")
        .repartition(FILES)
        .write()
        .parquet(folder.resolve("examples").toString());
    Files.writeString(
        folder.resolve("job.conf"),
        """
        nightjar {
          model = "%s"
          input { examples = examples }
          features.d0 = { sql = "d0 + float(java_method('%s', 'count'))" }
          output { path = out, keep-columns = [row_id, copy], unit-size = 1 B }
        }
        """
            .formatted(Goldens.folder("dlrm-dot-onehot"), RowCounter.class.getName()));
  }

  @Test
  void failedAndResumedScoreATenthMoreAtMost() throws IOException {
    long first = fail();
    assertThat(folder.resolve("out")).doesNotExist();

    RowCounter.start(Long.MAX_VALUE);
    JobRun resumed = score();

    assertThat(resumed.err()).isEmpty();
    assertThat(resumed.exit()).isEqualTo(ExitCode.OK);
    assertThat(RowCounter.rows()).isLessThan(ROWS);
    assertThat(first + RowCounter.rows()).isBetween((long) ROWS, ROWS * 11L / 10);
    assertEveryRowOnce();
  }

  @Test
  void aUnitWhoseFilesAreNotAsItsResultSaysIsWrittenAgain() throws IOException {
    fail();
    try (Stream<Path> staged = Files.walk(folder.resolve(".nightjar"))) {
      List<Path> files =
          staged.filter(file -> file.getFileName().toString().matches("part-.*parquet")).toList();
      Files.delete(files.get(0));
      Files.write(files.get(1), new byte[(int) Files.size(files.get(1))]);
      Files.deleteIfExists(files.get(1).resolveSibling("." + files.get(1).getFileName() + ".crc"));
      Files.write(files.get(2).resolveSibling("part-of-nobody.parquet"), new byte[7]);
    }

    RowCounter.start(Long.MAX_VALUE);
    assertThat(score().exit()).isEqualTo(ExitCode.OK);
    assertEveryRowOnce();
  }

  /** The run is the same, but what another version noted of its units says nothing to this one. */
  @Test
  void unitsOfAnotherVersionAreWrittenAgain() throws IOException {
    fail();
    for (Path result : results()) {
      rewrite(result, unit -> unit.put("format", 1).put("notes", "{}"));
    }

    RowCounter.start(Long.MAX_VALUE);
    assertThat(score().exit()).isEqualTo(ExitCode.OK);

    assertThat(RowCounter.rows()).isEqualTo(ROWS);
    assertEveryRowOnce();
  }

  /** As if hosts had lain: the driver cannot see that the weights are other ones. */
  @Test
  void unitsThatAnotherModelScoredAreNotPublished() throws IOException {
    fail();
    rewrite(results().get(0), TestResume::forge);

    RowCounter.start(Long.MAX_VALUE);
    JobRun refused = score();
    assertThat(refused.exit()).isEqualTo(ExitCode.MODEL);
    assertThat(refused.err())
        .matches(
            "nightjar: error: Cannot publish: units of an earlier attempt were scored by other"
                + " model files, with content [0-9a-f]{32} and [0-9a-f]{32}; --fresh scores all of"
                + " them again\n");
    assertThat(folder.resolve("out")).doesNotExist();

    assertThat(score("--fresh").exit()).isEqualTo(ExitCode.OK);
    assertEveryRowOnce();
  }

  /** Notes another content of the model in a unit's result. */
  private static void forge(ObjectNode unit) {
    UnitNote note = UnitNote.parse(unit.get("notes").asText());
    assertThat(note.content()).matches("[0-9a-f]{32}");
    unit.put("notes", new UnitNote("0".repeat(32), note.statistics(), note.parts()).toJson());
  }

  /** The results of all units that are staged; one at least. */
  private List<Path> results() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(".nightjar"))) {
      List<Path> results =
          files.filter(file -> file.toString().matches(".*/units/[^/.]+\\.json")).toList();
      assertThat(results).isNotEmpty();
      return results;
    }
  }

  /** Changes a unit's result, which stays whole. */
  private static void rewrite(Path result, Consumer<ObjectNode> change) throws IOException {
    ObjectNode unit = (ObjectNode) new ObjectMapper().readTree(result.toFile());
    unit.remove("checksum");
    change.accept(unit);
    CRC32C checksum = new CRC32C();
    checksum.update(unit.toString().getBytes(StandardCharsets.UTF_8));
    Files.writeString(
        result, unit.put("checksum", "%08x".formatted(checksum.getValue())).toString());
    Files.deleteIfExists(result.resolveSibling("." + result.getFileName() + ".crc"));
  }

  @Test
  void freshKeepsNothing() throws IOException {
    fail();

    RowCounter.start(Long.MAX_VALUE);
    assertThat(score("--fresh").exit()).isEqualTo(ExitCode.OK);

    assertThat(RowCounter.rows()).isEqualTo(ROWS);
    assertEveryRowOnce();
  }

  @Test
  void anotherConfigIsAnotherRun() throws IOException {
    fail();

    RowCounter.start(Long.MAX_VALUE);
    assertThat(score("-D", "output.compression=snappy").exit()).isEqualTo(ExitCode.OK);

    assertThat(RowCounter.rows()).isEqualTo(ROWS);
    assertEveryRowOnce();
  }

  /** Fails at two thirds of the rows; how many were scored by then. */
  private long fail() {
    RowCounter.start(ROWS * 2 / 3);
    assertThat(score().exit()).isNotEqualTo(ExitCode.OK);
    long rows = Math.min(RowCounter.rows(), ROWS * 2L / 3);
    // Tasks that were cancelled may read some rows more.
    SparkStatusTracker tracker = LocalSpark.session().sparkContext().statusTracker();
    while (Stream.of(tracker.getExecutorInfos()).anyMatch(info -> info.numRunningTasks() > 0)) {
      LockSupport.parkNanos(10_000_000);
    }
    return rows;
  }

  private JobRun score(String... more) {
    List<String> args = new ArrayList<>(List.of("score", "--run-date", "2026-11-23", "--config"));
    args.add(folder.resolve("job.conf").toString());
    args.addAll(List.of(more));
    return JobRun.of(args.toArray(String[]::new));
  }

  private void assertEveryRowOnce() {
    assertThat(
            DuckDb.rows(
                """
                select count(*), count(distinct row_id * 8 + copy),
                  count(*) filter (abs(s.score - e.score) > 1e-5)
                from %s s join '%s' e using (row_id)
                """
                    .formatted(
                        DuckDb.parquet(folder.resolve("out")),
                        Goldens.folder("dlrm-dot-onehot").resolve("expected.parquet"))))
        .containsExactly(ROWS + "," + ROWS + ",0");
    assertThat(folder.resolve(".nightjar")).doesNotExist();
  }
}
