package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.spark.testing.Hdfs;
import java.io.IOException;
import java.security.PrivilegedExceptionAction;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.DSQuotaExceededException;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.Test;

/** A full disk and a folder that must not be written to, as HDFS has them: quotas and owners. */
class TestPublishingFaults {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
  private static final Duration EXPIRY = Duration.ofMinutes(1);

  private final Path base = new Path(Hdfs.cluster().getURI() + "/" + UUID.randomUUID());

  @Test
  void aFullDiskFailsTheRunAndTheNextOneSucceeds() throws IOException {
    DistributedFileSystem fs = Hdfs.cluster().getFileSystem();
    OutputFolder output = output(fs);
    OneFileRun.publish(output, "1", "old");
    List<String> before = new Tree(fs, base).files();

    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = RunFolder.open(output, lock, "2", false);
      fs.setQuota(base, HdfsConstants.QUOTA_DONT_SET, 1 << 20);
      assertThatThrownBy(
              () -> {
                try (var out = fs.create(new Path(run.scores(), "part-0.parquet"))) {
                  out.writeBytes("new");
                }
              })
          .isInstanceOf(DSQuotaExceededException.class);
      assertThatThrownBy(() -> run.publish(OneFileRun.manifest("2")))
          .isInstanceOf(DSQuotaExceededException.class);
    }
    assertThat(new Tree(fs, base).filesOutsideWorkshops()).isEqualTo(before);
    assertThat(output.publishedRun()).contains("1");

    fs.setQuota(base, HdfsConstants.QUOTA_DONT_SET, HdfsConstants.QUOTA_RESET);
    OneFileRun.publish(output, "2", "new");
    assertThat(output.publishedRun()).contains("2");
    assertThat(new Tree(fs, base).files()).isEqualTo(before);
  }

  @Test
  void anOutputThatMustNotBeWrittenToStaysAsItWas() throws Exception {
    DistributedFileSystem owner = Hdfs.cluster().getFileSystem();
    OneFileRun.publish(output(owner), "1", "old");
    // Beside the output anybody may work; the output itself is the owner's.
    owner.setPermission(base, new FsPermission("777"));
    List<String> before = new Tree(owner, base).files();

    UserGroupInformation.createUserForTesting("scorer", new String[] {"scorers"})
        .doAs(
            (PrivilegedExceptionAction<Void>)
                () -> {
                  FileSystem fs = FileSystem.newInstance(base.toUri(), owner.getConf());
                  OutputFolder output = output(fs);
                  assertThatThrownBy(() -> OneFileRun.publish(output, "2", "new"))
                      .isInstanceOf(AccessControlException.class);
                  return null;
                });

    assertThat(new Tree(owner, base).filesOutsideWorkshops()).isEqualTo(before);
    assertThat(output(owner).publishedRun()).contains("1");
    OneFileRun.publish(output(owner), "3", "newer");
    assertThat(output(owner).publishedRun()).contains("3");
    assertThat(new Tree(owner, base).files()).isEqualTo(before);
  }

  private OutputFolder output(FileSystem fs) throws IOException {
    return OutputFolder.of(fs, Folders.of(fs), new Path(base, "out"), Optional.of(DAY));
  }
}
