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

/** Publishing by renames. */
@ParameterizedClass
@EnumSource(Store.class)
class TestPublishing {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);
  private static final Duration EXPIRY = Duration.ofMinutes(1);
  private static final String PUBLISHED = "out/run_date=2026-11-23/";

  @TempDir java.nio.file.Path local;
  @Parameter Store store;
  private FileSystem fs;
  private Path base;

  @BeforeEach
  void anEmptyFolder() throws IOException {
    fs = store.fs();
    base = store.folder(local);
  }

  @Test
  void theFirstRunMakesTheFolder() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = OneFileRun.stage(output, lock, "1", "new");
      assertThat(output.isPublished()).isFalse();
      assertThat(tree().filesOutsideWorkshops()).isEmpty();

      assertThat(run.publish(OneFileRun.manifest("1"))).isEqualTo(Duration.ZERO);
    }

    assertPublished(PUBLISHED, "1", "new");
    assertThat(output.publishedRun()).contains("1");
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  @Test
  void theNextRunReplacesItsDateOnly() throws IOException {
    tree().write("out/run_date=2026-11-22/part-0.parquet", "yesterday");
    OutputFolder output = output(Optional.of(DAY));
    OneFileRun.publish(output, "1", "old");
    fs.create(new Path(base, PUBLISHED + "part-1.parquet")).close();

    assertThat(OneFileRun.publish(output, "2", "new")).isPositive();

    assertThat(tree().read("out/run_date=2026-11-22/part-0.parquet")).isEqualTo("yesterday");
    fs.delete(new Path(base, "out/run_date=2026-11-22"), true);
    assertPublished(PUBLISHED, "2", "new");
  }

  @Test
  void anOutputWithoutDatesIsReplacedAsAWhole() throws IOException {
    OutputFolder output = output(Optional.empty());
    OneFileRun.publish(output, "1", "old");
    OneFileRun.publish(output, "2", "new");

    assertPublished("out/", "2", "new");
  }

  @Test
  void aRunThatFailsLeavesItsManifestInItsOwnFolder() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    OneFileRun.publish(output, "1", "old");
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      OneFileRun.stage(output, lock, "2", "half").fail(OneFileRun.manifest("2"));
    }

    assertThat(tree().filesOutsideWorkshops()).hasSize(3);
    assertThat(tree().read(PUBLISHED + "part-0.parquet")).isEqualTo("old");
    assertThat(tree().files())
        .anyMatch(file -> file.matches("\\.nightjar/out/2026-11-23/run-2-\\w+/_MANIFEST.json"));
  }

  @Test
  void theNextAttemptOfTheSameRunGoesOnWhereItEnded() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    abandon(output, "1", "half");

    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = RunFolder.open(output, lock, "1", false);
      assertThat(fs.exists(new Path(run.scores(), "part-0.parquet"))).isTrue();
    }
  }

  @Test
  void aFreshAttemptOrAnotherRunBeginsAnew() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    for (String id : new String[] {"1", "2"}) {
      abandon(output, "1", "half");
      try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
        RunFolder run = RunFolder.open(output, lock, id, id.equals("1"));
        assertThat(fs.exists(run.scores())).isFalse();
        assertThat(output.workFolders("run-")).containsExactly(run.path());
        assertThat(output.workFolders("stale-")).isEmpty();
      }
    }
  }

  @Test
  void aKillBetweenTheRenamesIsMendedByTheNextStart() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    OneFileRun.publish(output, "1", "old");
    for (String next : new String[] {"2", "3"}) {
      try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
        RunFolder run = OneFileRun.stage(output, lock, "2", "new");
        output.folders().rename(output.published(), new Path(run.path(), "replaced"));
      }
      assertThat(output.isPublished()).isFalse();

      try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
        RunFolder.open(output, lock, next, false);
        assertPublished(PUBLISHED, "1", "old");
      }
    }
  }

  @Test
  void aKillAfterTheRenamesLeavesTheNewScores() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    OneFileRun.publish(output, "1", "old");
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = OneFileRun.stage(output, lock, "2", "new");
      output.write(new Path(run.scores(), "_MANIFEST.json"), OneFileRun.manifest("2"));
      output.write(new Path(run.scores(), "_SUCCESS"), "");
      output.folders().rename(output.published(), new Path(run.path(), "replaced"));
      output.folders().rename(run.scores(), output.published());
    }

    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      RunFolder run = RunFolder.open(output, lock, "2", false);
      assertPublished(PUBLISHED, "2", "new");
      assertThat(fs.exists(new Path(run.path(), "replaced"))).isFalse();
    }
  }

  @Test
  void whatASecondRenameThatFailsSetAsideIsPutBack() throws IOException {
    OutputFolder output = output(Optional.of(DAY));
    OneFileRun.publish(output, "1", "old");
    Folders once = new FailingRename(output.folders(), "scores");
    OutputFolder failing =
        new OutputFolder(
            output.fs(), once, output.published(), output.workshop(), Optional.empty());
    try (PublishLock lock = PublishLock.acquire(failing, LockOwner.here(), EXPIRY)) {
      RunFolder run = OneFileRun.stage(failing, lock, "2", "new");

      assertThatThrownBy(() -> run.publish(OneFileRun.manifest("2")))
          .isInstanceOf(IOException.class)
          .hasMessage("Cannot rename scores: the test says so");
    }

    assertPublished(PUBLISHED, "1", "old");
  }

  @Test
  void theClaimOfARunThatDiedTakingTheLockIsDeleted() throws IOException {
    tree().write(".nightjar/out/2026-11-23/claim-dead/owner.json", "half");

    OneFileRun.publish(output(Optional.of(DAY)), "1", "new");

    assertPublished(PUBLISHED, "1", "new");
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  @Test
  void aRenameNeverNestsAndNeverCopies() throws IOException {
    tree().write("a/file", "a");
    tree().write("b/file", "b");
    Folders folders = Folders.of(fs);

    assertThatThrownBy(() -> folders.rename(new Path(base, "a"), new Path(base, "b")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> folders.rename(new Path(base, "a"), new Path(base, "no/a")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> folders.rename(new Path(base, "no"), new Path(base, "c")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> folders.removeEmpty(new Path(base, "a")))
        .isInstanceOf(IOException.class);
    assertThat(tree().files()).containsExactly("a/file", "b/file");
  }

  @Test
  void foreignFilesAreSeen() throws IOException {
    OutputFolder output = output(Optional.empty());
    OneFileRun.publish(output, "1", "new");
    assertThat(output.foreignFiles(output.published())).isEmpty();
    tree().write("out/notes.txt", "mine");
    tree().write("out/run_date=2026-11-22/part-0.parquet", "scores");

    assertThat(output.foreignFiles(output.published()))
        .containsExactly("notes.txt", "run_date=2026-11-22");
  }

  private record FailingRename(Folders folders, String name) implements Folders {
    @Override
    public void rename(Path from, Path to) throws IOException {
      if (from.getName().equals(name)) {
        throw new IOException("Cannot rename " + name + ": the test says so");
      }
      folders.rename(from, to);
    }

    @Override
    public void removeEmpty(Path folder) throws IOException {
      folders.removeEmpty(folder);
    }
  }

  OutputFolder output(Optional<LocalDate> day) throws IOException {
    return OutputFolder.of(fs, Folders.of(fs), new Path(base, "out"), day);
  }

  Tree tree() throws IOException {
    return new Tree(fs, base);
  }

  /** A run that ends without a word, but for its lock, which is given back. */
  private static void abandon(OutputFolder output, String id, String text) throws IOException {
    try (PublishLock lock = PublishLock.acquire(output, LockOwner.here(), EXPIRY)) {
      OneFileRun.stage(output, lock, id, text);
    }
  }

  private void assertPublished(String folder, String id, String text) throws IOException {
    assertThat(tree().filesOutsideWorkshops())
        .containsExactly(folder + "_MANIFEST.json", folder + "_SUCCESS", folder + "part-0.parquet");
    assertThat(tree().read(folder + "_MANIFEST.json")).isEqualTo(OneFileRun.manifest(id));
    assertThat(tree().read(folder + "part-0.parquet")).isEqualTo(text);
  }

  @Test
  void theRootIsNoOutput() {
    String root = fs.makeQualified(new Path("/")).toString();
    assertThatThrownBy(() -> OutputFolder.of(root, Optional.empty(), fs.getConf()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            root
                + ", expected a folder below the root of its file system: runs work in a folder"
                + " beside it");
  }
}
