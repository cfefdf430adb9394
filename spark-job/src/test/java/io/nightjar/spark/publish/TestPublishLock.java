package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One writer a date. */
@ParameterizedClass
@EnumSource(Store.class)
class TestPublishLock {
  private static final Duration EXPIRY = Duration.ofMinutes(1);

  /** So that no heartbeat falls into a test. */
  private static final Duration LONG = Duration.ofDays(1);

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
  void oneHoldsItAndTheNextHasItAfterwards() throws IOException {
    OutputFolder output = output();
    try (PublishLock lock = PublishLock.acquire(output, owner("a", 0), LONG)) {
      lock.check();
      assertThat(lock.generation()).isEqualTo(1);
      assertThatThrownBy(() -> PublishLock.acquire(output, owner("b", 0), EXPIRY))
          .isInstanceOf(LockException.class)
          .hasMessageMatching(
              "Cannot lock \\S*/out: another run holds it, process 7 on host-a since \\S+, last"
                  + " seen \\d+\\.\\d s ago \\(\\S*/\\.nightjar/out/all/lock-1\\)");
      lock.check();
    }
    try (PublishLock lock = PublishLock.acquire(output, owner("b", 0), LONG)) {
      assertThat(lock.generation()).isEqualTo(1);
    }
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  /** The clocks of both processes are hours off, in either direction. */
  @ParameterizedTest
  @ValueSource(longs = {-10_800, 0, 10_800})
  void aDeadOwnersLockIsTakenOverWhateverHisClockSaid(long skew) throws IOException {
    OutputFolder output = output();
    PublishLock dead = PublishLock.acquire(output, owner("a", skew), LONG);
    assertThatThrownBy(() -> PublishLock.acquire(output, owner("b", -skew), EXPIRY))
        .isInstanceOf(LockException.class);
    silent(output, 1, EXPIRY.plusSeconds(1));

    try (PublishLock lock = PublishLock.acquire(output, owner("b", -skew), EXPIRY)) {
      assertThat(lock.generation()).isEqualTo(2);
      lock.check();
      assertThatThrownBy(dead::check)
          .isInstanceOf(LockException.class)
          .hasMessageMatching(
              "Cannot publish \\S*/out: this run held the lock in generation 1 and was not heard"
                  + " of for too long; now it is generation 2");
      dead.close();
      lock.check();
    }
  }

  @Test
  void anOwnerThatWakesAfterExpiryCannotPublish() throws IOException {
    OutputFolder output = output();
    try (PublishLock late = PublishLock.acquire(output, owner("a", 0), LONG)) {
      RunFolder run = RunFolder.open(output, late, "1", false);
      fs.mkdirs(run.scores());
      silent(output, 1, EXPIRY.plusSeconds(1));
      try (PublishLock lock = PublishLock.acquire(output, owner("b", 0), EXPIRY)) {
        // Between the takeover of the lock and that of the folders.
        assertThatThrownBy(() -> run.publish("{}")).isInstanceOf(LockException.class);
        RunFolder next = RunFolder.open(output, lock, "2", false);
        assertThatThrownBy(() -> run.publish("{}")).isInstanceOf(IOException.class);
        fs.mkdirs(next.scores());
        next.publish(OneFileRun.manifest("2"));
      }
    }
    assertThat(output.publishedRun()).contains("2");
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  @Test
  void aLockThatWasBeingGivenBackIsFree() throws IOException {
    OutputFolder output = output();
    new Tree(fs, base).write(".nightjar/out/all/lock-3/heartbeat", "");

    try (PublishLock lock = PublishLock.acquire(output, owner("a", 0), LONG)) {
      assertThat(lock.generation()).isEqualTo(4);
    }
  }

  /** A file that comes into a folder while that is being deleted would keep it. */
  @Test
  void theLastBeatEndsBeforeTheLockIsDeleted() throws Exception {
    SlowBeats beats = new SlowBeats(fs);
    OutputFolder output =
        OutputFolder.of(beats, Folders.of(fs), new Path(base, "out"), Optional.empty());
    PublishLock lock = PublishLock.acquire(output, owner("a", 0), Duration.ofMillis(6));
    beats.begun.await();
    lock.close();

    assertThat(beats.deletedWhileBeating).isFalse();
    assertThat(fs.exists(new Path(base, ".nightjar"))).isFalse();
  }

  /** A file system on which a heartbeat takes so long that the lock is closed meanwhile. */
  private static final class SlowBeats extends FilterFileSystem {
    final CountDownLatch begun = new CountDownLatch(1);
    volatile boolean deletedWhileBeating;
    private volatile boolean beating;

    SlowBeats(FileSystem fs) {
      super(fs);
    }

    @Override
    public FSDataOutputStreamBuilder<?, ?> createFile(Path file) {
      if (file.getName().equals("heartbeat")) {
        beating = true;
        begun.countDown();
        long end = System.nanoTime() + Duration.ofMillis(100).toNanos();
        while (System.nanoTime() < end) {
          Thread.onSpinWait();
        }
        beating = false;
      }
      return super.createFile(file);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      deletedWhileBeating |= beating;
      return super.delete(path, recursive);
    }
  }

  @Test
  void ofManyAtOnceOneGetsIt() throws Exception {
    OutputFolder output = output();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Optional<PublishLock>>> claims = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        LockOwner owner = owner("o" + i, 0);
        claims.add(() -> acquired(output, owner));
      }
      List<PublishLock> holders = new ArrayList<>();
      for (Future<Optional<PublishLock>> claim : threads.invokeAll(claims)) {
        claim.get().ifPresent(holders::add);
      }
      assertThat(holders).hasSize(1);
      holders.get(0).check();
      holders.get(0).close();
    } finally {
      threads.shutdownNow();
    }
  }

  private static Optional<PublishLock> acquired(OutputFolder output, LockOwner owner)
      throws IOException {
    try {
      return Optional.of(PublishLock.acquire(output, owner, LONG));
    } catch (LockException e) {
      return Optional.empty();
    }
  }

  /** As if the owner had not been heard of for a time, by the file system's clock. */
  private void silent(OutputFolder output, long generation, Duration time) throws IOException {
    Path owner = new Path(output.workshop(), "lock-" + generation + "/owner.json");
    long seen = fs.getFileStatus(owner).getModificationTime();
    fs.setTimes(owner, seen - time.toMillis(), -1);
  }

  private static LockOwner owner(String id, long skewSeconds) {
    return new LockOwner(id, "host-" + id, 7, Instant.now().plusSeconds(skewSeconds));
  }

  private OutputFolder output() throws IOException {
    return OutputFolder.of(fs, Folders.of(fs), new Path(base, "out"), Optional.empty());
  }
}
