package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.testing.Hdfs;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Plain Parquet, on local disks and on HDFS, and an Iceberg table. */
class TestPublishingWays {

  private abstract static class PlainParquet extends PublishingWaySuite {
    @Override
    String output() {
      return "";
    }

    @Override
    Dataset<Row> published() {
      return LocalSpark.session()
          .read()
          .schema("row_id bigint, score float, run_date date")
          .parquet(out().toString());
    }

    @Override
    String target(String date) {
      return out() + "/run_date=" + date;
    }
  }

  @Nested
  class PlainParquetOnLocalDisks extends PlainParquet {
    @Override
    Path out() {
      return new Path("file:" + folder + "/out");
    }
  }

  @Nested
  class PlainParquetOnHdfs extends PlainParquet {
    private final Path out = new Path(Hdfs.cluster().getURI() + "/" + UUID.randomUUID() + "/out");

    @Override
    Path out() {
      return out;
    }
  }

  @Nested
  class IcebergTable extends PublishingWaySuite {
    private final String table = "lake.db.t" + UUID.randomUUID().toString().replace("-", "");

    @Override
    Path out() {
      return new Path("file:" + folder + "/out");
    }

    @Override
    String output() {
      return "table = " + table;
    }

    @Override
    Dataset<Row> published() {
      return LocalSpark.session().table(table);
    }

    @Override
    String target(String date) {
      return table + " (run_date = " + date + ")";
    }

    @Test
    void theSnapshotSaysWhichRunMadeIt() throws IOException {
      assertPublished(score("2026-11-23"));
      assertPublished(score("2026-11-24"));

      List<Row> snapshots =
          LocalSpark.session()
              .sql("select summary from " + table + ".snapshots order by committed_at")
              .collectAsList();
      assertThat(snapshots).hasSize(2);
      for (Row snapshot : snapshots) {
        var summary = snapshot.getJavaMap(0);
        var manifest = new ObjectMapper().readTree((String) summary.get("nightjar.manifest"));
        assertThat(manifest.at("/run/id").asText()).isEqualTo(summary.get("nightjar.run-id"));
        assertThat(manifest.at("/run/date").asText()).isEqualTo(summary.get("nightjar.run-date"));
      }
    }

    @Test
    void aTableOfACatalogThatIsNotThere() throws IOException {
      JobRun run = score("2026-11-23", "-D", "output.table=nolake.db.t");

      assertThat(run.exit()).isEqualTo(ExitCode.CONFIG);
      assertThat(run.err())
          .isEqualTo(
              "nightjar: error: Invalid output.table: nolake.db.t, expected a table of a catalog"
                  + " that is set up by spark.sql.catalog.nolake\n");
    }

    @Test
    void statusIsThatOfTheSnapshotWhateverTheFolderSays() throws IOException {
      assertPublished(score("2026-11-23"));
      Files.delete(folder.resolve("out/run_date=2026-11-23/_MANIFEST.json"));

      JobRun status =
          JobRun.of(
              "status",
              "--config",
              folder.resolve("job.conf").toString(),
              "--run-date",
              "2026-11-23");
      assertThat(status.exit()).isEqualTo(ExitCode.OK);
      assertThat(status.out())
          .endsWith("  manifest  snapshot of " + table + " (run_date = 2026-11-23)\n");
    }

    @Test
    void whatWasRolledBackIsNotPublishedAnyMore() throws IOException {
      assertPublished(score("2026-11-23"));
      Object first =
          LocalSpark.session().sql("select snapshot_id from " + table + ".snapshots").head().get(0);
      assertPublished(score("2026-11-23", "-D", "input.where=row_id < 100"));
      LocalSpark.session()
          .sql(
              "call lake.system.rollback_to_snapshot('" + table.substring(5) + "', " + first + ")");

      assertThat(score("2026-11-23").out()).startsWith("Nightjar: already published: ");
      assertPublished(score("2026-11-23", "-D", "input.where=row_id < 100"));
      assertThat(published().count()).isEqualTo(100);
    }
  }
}
