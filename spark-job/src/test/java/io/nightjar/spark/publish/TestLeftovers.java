package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run does about dead runs of other dates. */
@ParameterizedClass
@EnumSource(Store.class)
class TestLeftovers {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
  private static final Duration EXPIRY = Duration.ofMinutes(1);

  @TempDir java.nio.file.Path local;
  @Parameter Store store;
  private FileSystem fs;
  private Path base;
  private OutputFolder today;

  @BeforeEach
  void anEmptyFolder() throws IOException {
    fs = store.fs();
    base = store.folder(local);
    today = output(DAY);
  }

  @Test
  void goAfterAWeek() throws IOException {
    OutputFolder lost = output(DAY.minusDays(9));
    OutputFolder failed = output(DAY.minusDays(8));
    OneFileRun.publish(lost, "1", "old");
    try (PublishLock lock = PublishLock.acquire(lost, LockOwner.here(), EXPIRY)) {
      RunFolder run = OneFileRun.stage(lost, lock, "2", "half");
      lost.folders().rename(lost.published(), new Path(run.path(), "replaced"));
    }
    try (PublishLock lock = PublishLock.acquire(failed, LockOwner.here(), EXPIRY)) {
      OneFileRun.stage(failed, lock, "3", "half").fail(OneFileRun.manifest("3"));
    }
    age(lost, Leftovers.AGE.plusMinutes(1));
    age(failed, Leftovers.AGE.minusMinutes(1));

    try (PublishLock lock = PublishLock.acquire(today, LockOwner.here(), EXPIRY)) {
      RunFolder run = RunFolder.open(today, lock, "4", false);
      Leftovers.delete(today, run.path(), EXPIRY);
      assertThat(fs.exists(run.path())).isTrue();
    }

    assertThat(fs.exists(lost.workshop())).isFalse();
    assertThat(new Tree(fs, base).read("out/run_date=2026-11-14/part-0.parquet")).isEqualTo("old");
    assertThat(failed.runFolders()).hasSize(1);
  }

  @Test
  void ofARunThatIsAtWorkAreNone() throws IOException {
    Duration never = Duration.ofDays(30);
    OutputFolder other = output(DAY.minusDays(9));
    try (PublishLock lock = PublishLock.acquire(other, LockOwner.here(), never);
        PublishLock ours = PublishLock.acquire(today, LockOwner.here(), EXPIRY)) {
      RunFolder run = OneFileRun.stage(other, lock, "1", "half");
      age(other, Leftovers.AGE.plusMinutes(1));
      RunFolder own = RunFolder.open(today, ours, "2", false);
      Leftovers.delete(today, own.path(), never);

      lock.check();
      assertThat(fs.exists(new Path(run.scores(), "part-0.parquet"))).isTrue();
    }
  }

  /** As if nobody had touched the workshop for a time, by the file system's clock. */
  private void age(OutputFolder output, Duration time) throws IOException {
    List<Path> all = new ArrayList<>(List.of(output.workshop()));
    for (int i = 0; i < all.size(); i++) {
      if (fs.getFileStatus(all.get(i)).isDirectory()) {
        output.list(all.get(i)).forEach(status -> all.add(status.getPath()));
      }
    }
    Path now = new Path(base, "now");
    fs.create(now).close();
    long then = fs.getFileStatus(now).getModificationTime() - time.toMillis();
    for (Path path : all) {
      fs.setTimes(path, then, -1);
    }
  }

  private OutputFolder output(LocalDate day) throws IOException {
    return OutputFolder.of(fs, Folders.of(fs), new Path(base, "out"), Optional.of(day));
  }
}
