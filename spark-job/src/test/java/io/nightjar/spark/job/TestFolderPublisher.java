package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Publishing by renames, on the local file system and on HDFS, whose renames differ. */
class TestFolderPublisher {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);

  @Nested
  class OnLocalFiles extends Publishing {
    @TempDir java.nio.file.Path folder;

    @Override
    Path base() {
      return new Path("file:" + folder);
    }

    @Override
    Configuration hadoop() {
      return new Configuration();
    }
  }

  @Nested
  class OnHdfs extends Publishing {
    @Override
    Path base() {
      return new Path(Hdfs.cluster().getURI() + "/" + System.nanoTime());
    }

    @Override
    Configuration hadoop() {
      return Hdfs.cluster().getConfiguration(0);
    }
  }

  abstract static class Publishing {
    abstract Path base();

    abstract Configuration hadoop();

    @Test
    void theFirstRunMakesTheFolder() throws IOException {
      Path base = base();
      FolderPublisher publisher = publisher(base, Optional.of(DAY));

      write(publisher.stage(), "part-0.parquet", "new");
      assertThat(files(base)).containsExactly("/.nightjar/out/2026-11-23/staged/part-0.parquet");
      publisher.publish();

      assertThat(files(base)).containsExactly("/out/run_date=2026-11-23/part-0.parquet");
      assertThat(fs().exists(new Path(base, ".nightjar"))).isFalse();
    }

    @Test
    void theNextRunReplacesItsPartitionOnly() throws IOException {
      Path base = base();
      write(new Path(base, "out/run_date=2026-11-22"), "part-0.parquet", "yesterday");
      write(new Path(base, "out/run_date=2026-11-23"), "part-0.parquet", "old");
      write(new Path(base, "out/run_date=2026-11-23"), "part-1.parquet", "old");
      write(new Path(base, "out/run_date=2026-11-23"), "_SUCCESS", "");
      FolderPublisher publisher = publisher(base, Optional.of(DAY));

      write(publisher.stage(), "part-0.parquet", "new");
      publisher.publish();

      assertThat(files(base))
          .containsExactly(
              "/out/run_date=2026-11-22/part-0.parquet", "/out/run_date=2026-11-23/part-0.parquet");
      assertThat(read(new Path(base, "out/run_date=2026-11-23/part-0.parquet"))).isEqualTo("new");
    }

    @Test
    void aRunThatIsDiscardedLeavesTheOutputAsItWas() throws IOException {
      Path base = base();
      write(new Path(base, "out"), "part-0.parquet", "old");
      FolderPublisher publisher = publisher(base, Optional.empty());

      write(publisher.stage(), "part-0.parquet", "new");
      publisher.discard();

      assertThat(files(base)).containsExactly("/out/part-0.parquet");
      assertThat(read(new Path(base, "out/part-0.parquet"))).isEqualTo("old");
    }

    @Test
    void whatAKilledRunLeftIsTakenAway() throws IOException {
      Path base = base();
      write(new Path(base, "out"), "part-0.parquet", "old");
      write(publisher(base, Optional.empty()).stage(), "part-0.parquet", "half");

      Path staged = publisher(base, Optional.empty()).stage();

      assertThat(fs().exists(staged)).isFalse();
      assertThat(files(base)).containsExactly("/out/part-0.parquet");
    }

    @Test
    void whatARunKilledBetweenItsRenamesSetAsideIsPutBack() throws IOException {
      Path base = base();
      write(new Path(base, ".nightjar/out/all/replaced"), "part-0.parquet", "old");
      write(new Path(base, ".nightjar/out/all/staged"), "part-0.parquet", "new");

      publisher(base, Optional.empty()).stage();

      assertThat(files(base)).containsExactly("/out/part-0.parquet");
      assertThat(read(new Path(base, "out/part-0.parquet"))).isEqualTo("old");
    }

    @Test
    void aFailedRenamePutsTheOldBack() throws IOException {
      Path base = base();
      write(new Path(base, "out"), "part-0.parquet", "old");
      FolderPublisher publisher = publisher(base, Optional.empty());

      publisher.stage(); // and nothing is written there: the second rename has no source

      assertThatThrownBy(publisher::publish).isInstanceOf(IOException.class);
      assertThat(files(base)).containsExactly("/out/part-0.parquet");
    }

    @Test
    void foreignFilesAreNeverReplaced() throws IOException {
      Path base = base();
      write(new Path(base, "out"), "notes.txt", "mine");
      write(new Path(base, "out/run_date=2026-11-22"), "part-0.parquet", "scores");

      assertThatThrownBy(() -> publisher(base, Optional.empty()).stage())
          .isInstanceOf(JobException.class)
          .hasMessage(
              "Cannot replace "
                  + fs().makeQualified(new Path(base, "out"))
                  + ": it holds notes.txt, run_date=2026-11-22, which no run of this job wrote");
    }

    private FolderPublisher publisher(Path base, Optional<LocalDate> day) throws IOException {
      String path = new Path(base, "out").toString();
      return new FolderPublisher(new OutputConf(path, List.of("*"), day, "zstd", 1), hadoop());
    }

    private void write(Path folder, String name, String text) throws IOException {
      try (var out = fs().create(new Path(folder, name))) {
        out.writeUTF(text);
      }
    }

    private String read(Path file) throws IOException {
      try (var in = fs().open(file)) {
        return in.readUTF();
      }
    }

    private List<String> files(Path base) throws IOException {
      List<String> files = new ArrayList<>();
      RemoteIterator<LocatedFileStatus> all = fs().listFiles(base, true);
      while (all.hasNext()) {
        files.add(
            all.next().getPath().toUri().getPath().substring(base.toUri().getPath().length()));
      }
      return files.stream().sorted().toList();
    }

    private FileSystem fs() throws IOException {
      return base().getFileSystem(hadoop());
    }
  }

  @Test
  void theRootIsNoOutput() {
    assertThatThrownBy(
            () ->
                new FolderPublisher(
                    new OutputConf("file:/", List.of("*"), Optional.empty(), "zstd", 1),
                    new Configuration()))
        .isInstanceOf(JobException.class)
        .hasMessage(
            "Invalid output.path: file:/, expected a folder below the root of its file system: a"
                + " run is staged beside it");
  }
}
