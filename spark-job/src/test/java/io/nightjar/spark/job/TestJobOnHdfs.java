package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.Goldens;
import io.nightjar.spark.testing.Hdfs;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Config, model, examples and output on HDFS, named relative to the config. */
class TestJobOnHdfs {
  @TempDir Path folder;

  @Test
  void everythingMayBeRemote() throws IOException {
    LocalSpark.session();
    FileSystem hdfs = Hdfs.cluster().getFileSystem();
    var jobs = new org.apache.hadoop.fs.Path(Hdfs.cluster().getURI() + "/jobs");
    hdfs.mkdirs(jobs);
    var golden = new org.apache.hadoop.fs.Path(Goldens.folder("torchrec-dcn").toUri());
    hdfs.copyFromLocalFile(golden, new org.apache.hadoop.fs.Path(jobs, "ctr"));
    try (var out = hdfs.create(new org.apache.hadoop.fs.Path(jobs, "ctr.conf"))) {
      out.writeBytes(
          """
          nightjar {
            model = ctr
            input { examples = ctr/examples.parquet }
            output { path = "scores", keep-columns = [row_id], logit-column = logit }
          }
          """);
    }

    String[] args = {"score", "--config", jobs + "/ctr.conf", "--run-date", "2026-11-23"};
    for (String[] run :
        new String[][] {args, {args[0], "--force", args[1], args[2], args[3], args[4]}}) {
      JobRun scored = JobRun.of(run);
      assertThat(scored.err()).isEmpty();
      assertThat(scored.out())
          .contains("output    " + jobs + "/scores/run_date=2026-11-23 (1 file");
    }
    JobRun again = JobRun.of(args);
    assertThat(again.exit()).isEqualTo(ExitCode.OK);
    assertThat(again.out())
        .matches(
            "Nightjar: already published: "
                + jobs
                + "/scores/run_date=2026-11-23 holds run [0-9a-f]{16}; --force scores it again\\R");

    hdfs.copyToLocalFile(
        new org.apache.hadoop.fs.Path(jobs, "scores"),
        new org.apache.hadoop.fs.Path(folder.resolve("scores").toUri()));
    assertThat(
            DuckDb.rows(
                """
                select count(*) - count(distinct s.row_id), count(*) - count(distinct e.row_id),
                  count(*) filter (abs(s.score - e.score) > 1e-5 or abs(s.logit - e.logit) > 1e-4)
                from %s s full join '%s' e on s.row_id = e.row_id
                """
                    .formatted(
                        DuckDb.parquet(folder.resolve("scores")),
                        Goldens.folder("torchrec-dcn").resolve("expected.parquet"))))
        .containsExactly("0,0,0");
    assertThat(hdfs.listStatus(jobs))
        .extracting(status -> status.getPath().getName())
        .containsExactly("ctr", "ctr.conf", "scores");
  }
}
