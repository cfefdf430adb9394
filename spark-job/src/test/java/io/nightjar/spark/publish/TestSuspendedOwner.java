package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.ForkedJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that is stopped in the midst of publishing, and wakes when another has published. */
class TestSuspendedOwner {
  @TempDir Path folder;

  /** Before it reads the lock again; after that, before its first rename; before its second. */
  @ParameterizedTest
  @ValueSource(strings = {"check", "run_date=2026-11-23", "scores"})
  void losesWhereverItStood(String where) throws Exception {
    FileSystem fs = FileSystem.getLocal(new Configuration(false));
    OutputFolder output = SuspendedPublisher.output(fs, Folders.of(fs), folder.toString());
    OneFileRun.publish(output, "1", "old");
    List<String> command = ForkedJvm.command("-Xmx64m");
    command.addAll(List.of(SuspendedPublisher.class.getName(), folder.toString(), where));
    Process process =
        new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start();
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).isEqualTo("standing");
      signal(process, "STOP");

      publishWhenExpired(output);
      signal(process, "CONT");
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();

      assertThat(out.readLine()).isNull();
      assertThat(process.waitFor()).as(Files.readString(folder.resolve("err"))).isNotZero();
    } finally {
      process.destroyForcibly();
    }
    assertThat(output.publishedRun()).contains("2");
    assertThat(Files.readString(folder.resolve("out/run_date=2026-11-23/part-0.parquet")))
        .isEqualTo("new");
  }

  private static void publishWhenExpired(OutputFolder output) throws IOException {
    while (true) {
      try (PublishLock lock =
          PublishLock.acquire(output, LockOwner.here(), SuspendedPublisher.EXPIRY)) {
        OneFileRun.stage(output, lock, "2", "new").publish(OneFileRun.manifest("2"));
        return;
      } catch (LockException e) {
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  private static void signal(Process process, String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
