package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row ids are counted as they are scored, and nobody takes counts of another model. */
class TestProfile {
  @TempDir Path folder;

  private final SparkSession session = LocalSpark.session();
  private String version;

  /** Two tables of ten rows. Of {@code s1}, hashed, strings are asked for; it may be a bag. */
  @BeforeEach
  void write() {
    TinyModel.write(folder.resolve("model"), 1, 2, 10);
    version = ModelInfo.read(ModelFolder.local(folder.resolve("model"))).version();
    session
        .range(0, 100, 1, 3)
        .selectExpr(
            "id",
            "if(id = 99, float('NaN'), float(id)) d0",
            // 0: 50 times, 3: 25, 99, outside: 13, 9: 12, of which the last is of a bad row.
            "case when id % 2 = 0 then 0L when id % 4 = 1 then 3L when id % 8 = 3 then 99L"
                + " else null end s0",
            "array('a', if(id < 10, 'b', 'a')) s1")
        .write()
        .parquet(folder.resolve("data").toString());
  }

  private Path conf(String more) throws IOException {
    return Files.writeString(
        folder.resolve("job.conf"),
        """
        nightjar {
          model = model, backend = cpu
          input { examples = data }
          features { s0 = { out-of-range = 9 }, s1 = { hash-mod = 10 } }
          output { path = out, partition-by-run-date = false }
          bad-rows = drop, max-bad-fraction = 1
          profile.path = profile
          %s
        }
        """
            .formatted(more));
  }

  private JobRun profile(String... options) throws IOException {
    String[] args = new String[options.length + 3];
    args[0] = "profile";
    args[1] = "--config";
    args[2] = folder.resolve("job.conf").toString();
    System.arraycopy(options, 0, args, 3, options.length);
    return JobRun.of(args);
  }

  private List<String> read(String table, String... columns) {
    Dataset<Row> rows = session.read().parquet(folder.resolve("profile/" + table).toString());
    return rows.selectExpr(columns).collectAsList().stream().map(Row::toString).sorted().toList();
  }

  private List<String> ofFirstTable(String... columns) {
    return session
        .read()
        .parquet(folder.resolve("profile/hot").toString())
        .where("table = 'emb_l.0'")
        .selectExpr(columns)
        .collectAsList()
        .stream()
        .map(Row::toString)
        .sorted()
        .toList();
  }

  @Test
  void idsAreCountedAsTheyAreScored() throws IOException {
    conf("");
    long a = hash("a");
    long b = hash("b");

    JobRun run = profile();

    assertThat(run.err()).isEmpty();
    assertThat(run.exit()).isEqualTo(ExitCode.OK);
    assertThat(run.out().lines())
        .containsExactly(
            "Nightjar counted the row ids of all rows for model tiny " + version,
            "  profile   file:" + folder + "/profile",
            "  emb_l.0   87 lookups of 3 of 10 rows; the 3 hot rows have 100.0 %",
            "  emb_l.1   198 lookups of 2 of 10 rows; the 2 hot rows have 100.0 %");
    assertThat(read("hot", "table", "rank", "row_id", "lookups", "model_version"))
        .containsExactly(
            "[emb_l.0,0,0,50," + version + "]",
            "[emb_l.0,1,3,25," + version + "]",
            "[emb_l.0,2,9,12," + version + "]",
            "[emb_l.1,0," + a + ",188," + version + "]",
            "[emb_l.1,1," + b + ",10," + version + "]");
    assertThat(read("tables", "* except (counted_at)"))
        .containsExactly(
            "[emb_l.0,10,87,3,3,87,1,2,3,3,1.0,tiny," + version + "]",
            "[emb_l.1,10,198,2,2,198,1,1,1,2,1.0,tiny," + version + "]");
    assertThat(read("hot", "counted_at").stream().distinct().toList())
        .isEqualTo(read("tables", "counted_at").stream().distinct().toList())
        .hasSize(1);
    try (Stream<Path> left = Files.list(folder.resolve("profile"))) {
      assertThat(left.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder("hot", "tables");
    }
  }

  /** Of rows asked for equally often the lower ones come first, and no more than are wanted. */
  @Test
  void rowsOfOneLevelAreRankedByTheirNumber() throws IOException {
    conf("profile.hot-rows = 3, features.s0.sql = \"id % 10\", input.where = \"id < 40\"");

    JobRun run = profile();

    assertThat(run.err()).isEmpty();
    assertThat(ofFirstTable("rank", "row_id", "lookups"))
        .containsExactly("[0,0,4]", "[1,1,4]", "[2,2,4]");
    assertThat(read("tables", "* except (counted_at, model_version)"))
        .contains("[emb_l.0,10,40,10,3,12,5,8,9,10,1.0,tiny]");
  }

  @Test
  void tablesAndHotRowsOfTwoRunsAreRefused() throws IOException {
    conf("");
    assertThat(profile().exit()).isEqualTo(ExitCode.OK);
    Path hot = folder.resolve("profile/hot");
    Files.move(hot, folder.resolve("first"));
    String first = read("tables", "counted_at").get(0);
    assertThat(profile().exit()).isEqualTo(ExitCode.OK);
    String second = read("tables", "counted_at").get(0);
    Files.move(hot, folder.resolve("second"));
    Files.move(folder.resolve("first"), hot);

    JobRun run =
        JobRun.of(
            "score",
            "--config",
            folder.resolve("job.conf").toString(),
            "-D",
            "embedding-bag.reorder=true");

    assertThat(run.exit()).isEqualTo(ExitCode.CONFIG);
    assertThat(run.err())
        .isEqualTo(
            "nightjar: error: Cannot use the profile in file:%s/profile: its tables were counted at %s, its hot rows at %s; nightjar profile makes both anew\n"
                .formatted(folder, bare(second), bare(first)));
  }

  private static String bare(String row) {
    return row.substring(1, row.length() - 1);
  }

  private long hash(String value) {
    return session.sql("select pmod(xxhash64('" + value + "'), 10)").head().getLong(0);
  }

  @Test
  void onlySoManyRowsAreHotAndWhatWasThereIsReplaced() throws IOException {
    conf("");
    assertThat(profile().exit()).isEqualTo(ExitCode.OK);

    JobRun run = profile("-D", "profile.hot-rows=1");

    assertThat(run.err()).isEmpty();
    assertThat(read("hot", "table", "rank", "row_id"))
        .containsExactly("[emb_l.0,0,0]", "[emb_l.1,0," + hash("a") + "]");
    assertThat(run.out())
        .contains("emb_l.0   87 lookups of 3 of 10 rows; the 1 hot rows have 57.5 %");
  }

  @Test
  void aSampleIsSaidToBeOne() throws IOException {
    conf("profile.sample = 0.5");

    JobRun run = profile();

    assertThat(run.out())
        .startsWith("Nightjar counted the row ids of a sample of 0.5 of the rows for model tiny");
    assertThat(read("tables", "sample", "lookups > 0 and lookups < 198"))
        .containsExactly("[0.5,true]", "[0.5,true]");
  }

  @Test
  void aTableThatNobodyAsksForHasNoHotRows() throws IOException {
    conf(
        "input.where = \"s0 is null and id < 99\", features.s1.sql = \"cast(array() as"
            + " array<string>)\"");

    JobRun run = profile();

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("emb_l.0   0 lookups of 0 of 10 rows; the 0 hot rows have 0.0 %");
  }

  @Test
  void withoutAPathNothingIsCounted() throws IOException {
    conf("profile.path = \"\"");

    JobRun run = profile();

    assertThat(run.exit()).isEqualTo(ExitCode.CONFIG);
    assertThat(run.err())
        .isEqualTo(
            "nightjar: error: Invalid profile.path: nothing, expected a folder for what is"
                + " counted\n");
  }

  @Test
  void aProfileOfAnotherModelIsRefused() throws IOException {
    conf("");
    String[] score = {
      "score", "--config", folder.resolve("job.conf").toString(), "-D", "embedding-bag.reorder=true"
    };
    String path = "file:" + folder + "/profile";
    JobRun none = JobRun.of(score);
    assertThat(none.exit()).isEqualTo(ExitCode.CONFIG);
    assertThat(none.err())
        .isEqualTo(
            "nightjar: error: Cannot use the profile in "
                + path
                + ": there is none; nightjar profile makes one\n");

    assertThat(profile().exit()).isEqualTo(ExitCode.OK);
    assertThat(JobRun.of(score).err()).isEmpty();

    TinyModel.write(folder.resolve("model"), 1, 2, 11);
    String other = ModelInfo.read(ModelFolder.local(folder.resolve("model"))).version();
    JobRun stale = JobRun.of(score);
    assertThat(stale.exit()).isEqualTo(ExitCode.CONFIG);
    assertThat(stale.err())
        .isEqualTo(
            "nightjar: error: Cannot use the profile in "
                + path
                + ": it is of model version "
                + version
                + ", expected "
                + other
                + "; nightjar profile makes one of that\n");
  }
}
