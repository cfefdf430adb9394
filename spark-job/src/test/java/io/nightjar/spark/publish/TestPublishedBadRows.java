package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Bad rows that runs set aside, and where they are put. */
@ParameterizedClass
@EnumSource(Store.class)
class TestPublishedBadRows {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
  private static final Duration EXPIRY = Duration.ofMinutes(1);
  private static final String PLACE = "bad/run_date=2026-11-23/part-0.parquet";

  @TempDir java.nio.file.Path local;
  @Parameter Store store;
  private FileSystem fs;
  private Path base;
  private OutputFolder output;

  @BeforeEach
  void anEmptyFolder() throws IOException {
    fs = store.fs();
    base = store.folder(local);
    output =
        OutputFolder.of(fs, Folders.of(fs), new Path(base, "out"), Optional.of(DAY))
            .withQuarantine(new Path(base, "bad").toString(), Optional.of(DAY));
  }

  @Test
  void takeThePlaceOfThoseOfTheRunBefore() throws IOException {
    setAside("1", "old", true);
    assertThat(tree().read(PLACE)).isEqualTo("old");
    setAside("2", "new", true);
    assertThat(tree().read(PLACE)).isEqualTo("new");

    setAside("3", "", true);
    assertThat(fs.exists(new Path(base, PLACE).getParent())).isFalse();
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  @Test
  void areStagedAgainWhereTheRunWasKilledBeforeItPublished() throws IOException {
    setAside("1", "old", true);
    setAside("2", "new", false);
    assertThat(tree().read(PLACE)).isEqualTo("new");

    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = RunFolder.open(output, lock, "2", false);
      run.units();
      assertThat(tree().read(PLACE)).isEqualTo("old");
      assertThat(fs.exists(new Path(run.quarantine(), "part-0.parquet"))).isTrue();
      run.publishQuarantine();
      run.publish(OneFileRun.manifest("2"));
    }
    assertThat(tree().read(PLACE)).isEqualTo("new");
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  @Test
  void areMendedAsScoresAre() throws IOException {
    setAside("1", "old", true);
    for (String next : new String[] {"2", "3"}) {
      try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
        RunFolder run = OneFileRun.stage(output, lock, "2", "new");
        output
            .folders()
            .rename(output.quarantine().orElseThrow(), new Path(run.path(), "replaced-quarantine"));
      }
      try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
        RunFolder.open(output, lock, next, false);
        assertThat(tree().read(PLACE)).isEqualTo("old");
      }
    }
  }

  @Test
  void ofTheNextOwnerStayWhereALateOneLostItsFolder() throws IOException {
    setAside("1", "old", true);
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder late = OneFileRun.stage(output, lock, "2", "late");
      new Tree(fs, late.path()).write("quarantine/part-0.parquet", "late");
      // As if another owner had opened the folder just after the late one looked at the lock.
      output.folders().rename(late.path(), new Path(output.workshop(), "stale-x-0"));

      assertThatThrownBy(late::publishQuarantine).isInstanceOf(IOException.class);
    }
    assertThat(tree().read(PLACE)).isEqualTo("old");
  }

  /**
   * A run with bad rows, unless {@code text} is blank, that publishes, or is killed before that.
   */
  private void setAside(String id, String text, boolean publishes) throws IOException {
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = OneFileRun.stage(output, lock, id, "scores");
      run.units();
      if (!text.isEmpty()) {
        new Tree(fs, run.path()).write("quarantine/part-0.parquet", text);
      }
      run.publishQuarantine();
      if (publishes) {
        run.publish(OneFileRun.manifest(id));
      }
    }
  }

  private Tree tree() {
    return new Tree(fs, base);
  }
}
