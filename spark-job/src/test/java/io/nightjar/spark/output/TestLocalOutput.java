package io.nightjar.spark.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.io.nativeio.NativeIO;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestLocalOutput {
  @TempDir private Path folder;

  private final SparkSession session = LocalSpark.session();

  @Test
  void noProcessIsStartedToWrite() throws Exception {
    Map<String, String> options = LocalOutput.options(new Configuration());

    assertThat(processesToWrite("with", options)).isEmpty();
    assertThat(session.read().parquet(folder.resolve("with").toString()).count()).isEqualTo(100);
    if (!NativeIO.isAvailable()) {
      assertThat(processesToWrite("without", Map.of())).isNotEmpty();
    }
  }

  @Test
  void filesAndFoldersAreAllowedWhatTheyWereAllowed() throws Exception {
    processesToWrite("with", LocalOutput.options(new Configuration()));
    processesToWrite("without", Map.of());

    assertThat(permissions("with")).isEqualTo(permissions("without")).isNotEmpty();
  }

  @Test
  void setsAnyPermission() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    try (FileSystem local = new LocalOutput()) {
      local.initialize(folder.toUri(), new Configuration());
      for (String permission : List.of("rwxrwxrwx", "---------", "r---w---x")) {
        local.setPermission(
            new org.apache.hadoop.fs.Path(file.toUri()), FsPermission.valueOf("-" + permission));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo(permission);
      }
    }
  }

  @Test
  void theUsersOwnLocalFileSystemStays() {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.file.impl", "com.example.Local");

    assertThat(LocalOutput.options(hadoop)).isEmpty();
  }

  /** Commands that ran while 100 rows were written to {@code name} below the folder. */
  private List<String> processesToWrite(String name, Map<String, String> options)
      throws IOException {
    Path recorded = folder.resolve(name + ".jfr");
    try (Recording recording = new Recording()) {
      recording.enable("jdk.ProcessStart");
      recording.start();
      session
          .range(100)
          .write()
          .format(NumbersFormat.NAME)
          .options(options)
          .save(folder.resolve(name).toString());
      recording.stop();
      recording.dump(recorded);
    }
    return RecordingFile.readAllEvents(recorded).stream()
        .map(event -> event.getString("command"))
        .filter(command -> command.contains(folder.toString()))
        .toList();
  }

  /**
   * Of everything below {@code name}, without the parts of names that differ from write to write.
   */
  private List<String> permissions(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      return files
          .map(TestLocalOutput::described)
          .map(line -> line.replaceAll("-[0-9a-f-]{36}-", "-").replace(name, ""))
          .sorted()
          .toList();
    }
  }

  private static String described(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
          + " "
          + file.getFileName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
