package io.nightjar.spark.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.ForkedJvm;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILLs a process that publishes, at random moments, and looks at what readers see; the next
 * process goes on in what is left. Three processes are killed side by side, each over an output of
 * its own.
 */
class TestPublishKills {
  private static final int LANES = 3;
  private static final int KILLS = 201;
  private static final Pattern CLASSES =
      Pattern.compile("/[^.]+$|/(hadoop-client-(api|runtime)|jackson-|slf4j-api|commons-logging)");

  @TempDir Path folder;

  /**
   * What was seen.
   *
   * @param kills processes killed
   * @param whole kills after which readers saw a complete run
   * @param gaps kills between the two renames, after which they saw none until the next start
   * @param nothingYet kills before the first run was published
   * @param startups of all kills, those that fell into the first steps of a start
   * @param published runs published, and said so
   */
  record Counts(int kills, int whole, int gaps, int nothingYet, int startups, long published) {
    Counts plus(Counts other) {
      return new Counts(
          kills + other.kills,
          whole + other.whole,
          gaps + other.gaps,
          nothingYet + other.nothingYet,
          startups + other.startups,
          published + other.published);
    }
  }

  @Test
  void readersSeeOneCompleteRunWheneverTheProcessIsKilled() throws Exception {
    long seed = Long.getLong("nightjar.test.seed", new Random().nextLong());
    ExecutorService threads = Executors.newFixedThreadPool(LANES);
    Counts counts = new Counts(0, 0, 0, 0, 0, 0);
    try {
      List<Future<Counts>> lanes =
          IntStream.range(0, LANES)
              .mapToObj(
                  lane ->
                      threads.submit(
                          () ->
                              new Lane(folder.resolve("lane" + lane), new Random(seed + lane))
                                  .run(KILLS / LANES)))
              .toList();
      for (Future<Counts> lane : lanes) {
        counts = counts.plus(lane.get());
      }
    } finally {
      threads.shutdownNow();
      System.out.println("seed " + seed + ": " + counts);
    }
    assertThat(counts.kills()).isEqualTo(KILLS);
    assertThat(counts.whole() + counts.gaps() + counts.nothingYet()).isEqualTo(KILLS);
    assertThat(counts.published()).isGreaterThan(KILLS / 2);
  }

  /** One output, and the processes that publish there one after the other. */
  private static final class Lane {
    private final Path folder;
    private final Random random;
    private final List<String> others;
    private long last;

    Lane(Path folder, Random random) throws IOException {
      this.folder = folder;
      this.random = random;
      for (String file :
          List.of(
              "out/run_date=2026-11-22/part-0.parquet",
              "out/notes.txt",
              ".nightjar/other/2026-11-23/run-x-y/scores/part-0.parquet",
              ".nightjar/out/2026-11-22/lock-1/owner.json")) {
        Files.createDirectories(folder.resolve(file).getParent());
        Files.writeString(folder.resolve(file), file);
      }
      this.others = others();
    }

    Counts run(int kills) throws Exception {
      Counts counts = new Counts(0, 0, 0, 0, 0, 0);
      for (int i = 0; i < kills; i++) {
        counts = counts.plus(kill());
      }
      // The last one killed was followed by none yet.
      long before = last;
      try (Child child = new Child(folder, last + 1_000)) {
        child.readUntil("published ");
        last = child.last;
      }
      checkOthers();
      assertThat(last).isGreaterThan(before);
      assertThat(seen()).isGreaterThanOrEqualTo(last);
      return counts.plus(new Counts(0, 0, 0, 0, 0, 1));
    }

    /** A kill in the first steps of a start, or after its first run was published. */
    private Counts kill() throws Exception {
      boolean startup = random.nextInt(4) == 0;
      long published = 0;
      long before = last;
      try (Child child = new Child(folder, last + 1_000)) {
        if (startup) {
          child.readUntil("begin");
        } else {
          child.readUntil("published ");
          published++;
        }
        // Any step of the next publishes, or any rename, of which there are few.
        boolean anyRename = random.nextBoolean();
        int steps = 1 + random.nextInt(anyRename ? 12 : 150);
        published += child.pass(steps, anyRename ? "rename" : "step");
        LockSupport.parkNanos(random.nextInt(1_000_000));
        published += child.kill();
        last = Math.max(last, child.last);
      }
      checkOthers();
      long seen = seen();
      // What was said to be published stays so, and nothing is seen that was not begun.
      if (seen > 0) {
        assertThat(seen).isBetween(last, Math.max(last, before + 1_000) + 1);
      }
      return new Counts(
          1, seen > 0 ? 1 : 0, seen < 0 ? 1 : 0, seen == 0 ? 1 : 0, startup ? 1 : 0, published);
    }

    /** The run that readers see: 0 if there has not been any, -1 in the gap. */
    private long seen() throws IOException {
      Path published = folder.resolve("out/run_date=" + PublishLoop.DAY);
      if (Files.exists(published)) {
        return completeRun(published);
      }
      List<Path> replaced = new ArrayList<>();
      Path workshop = folder.resolve(".nightjar/out/" + PublishLoop.DAY);
      if (Files.exists(workshop)) {
        try (Stream<Path> all = Files.walk(workshop, 2)) {
          all.filter(path -> path.endsWith("replaced")).forEach(replaced::add);
        }
      }
      if (replaced.isEmpty()) {
        assertThat(last).isZero();
        return 0;
      }
      assertThat(replaced).hasSize(1);
      assertThat(completeRun(replaced.get(0))).isGreaterThanOrEqualTo(last);
      return -1;
    }

    private static long completeRun(Path scores) throws IOException {
      String manifest = Files.readString(scores.resolve("_MANIFEST.json"));
      long run = Long.parseLong(PublishedFiles.runId(manifest).orElseThrow().substring(1));
      for (int i = 0; i < PublishLoop.FILES; i++) {
        assertThat(Files.readString(scores.resolve("part-" + i + ".parquet")))
            .isEqualTo(PublishLoop.content(run, i));
      }
      try (Stream<Path> files = Files.list(scores)) {
        assertThat(files.filter(file -> !file.getFileName().toString().startsWith(".")))
            .hasSize(PublishLoop.FILES + 2)
            .contains(scores.resolve("_SUCCESS"));
      }
      return run;
    }

    private void checkOthers() throws IOException {
      assertThat(others()).isEqualTo(others);
      for (String file : others) {
        assertThat(Files.readString(folder.resolve(file))).isEqualTo(file);
      }
    }

    /** Every file that is not of the output's date. */
    private List<String> others() throws IOException {
      String date = PublishLoop.DAY.toString();
      try (Stream<Path> all = Files.walk(folder)) {
        return all.map(path -> folder.relativize(path).toString())
            .filter(path -> !path.startsWith("out/run_date=" + date))
            .filter(path -> !path.startsWith(".nightjar/out/" + date))
            .filter(path -> Files.isRegularFile(folder.resolve(path)))
            .sorted()
            .toList();
      }
    }
  }

  /** A process that publishes. */
  private static final class Child implements AutoCloseable {
    // Without Spark, and quick to start.
    private static final String CLASS_PATH =
        Stream.of(ForkedJvm.classPath().split(File.pathSeparator))
            .filter(path -> CLASSES.matcher(path).find())
            .collect(Collectors.joining(File.pathSeparator));

    private final Path err;
    private final Process process;
    private final BufferedReader out;
    private long last;
    private long publishes;

    Child(Path folder, long firstRun) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
      command.addAll(List.of("-cp", CLASS_PATH));
      command.add(PublishLoop.class.getName());
      command.add(folder.toString());
      command.add(Long.toString(firstRun));
      this.err = folder.resolveSibling(folder.getFileName() + ".err");
      this.process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      this.out = process.inputReader();
    }

    /** Reads what it says up to a line that begins with {@code prefix}. */
    void readUntil(String prefix) throws IOException {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        note(line);
        if (line.startsWith(prefix)) {
          return;
        }
      }
      throw new AssertionError(
          "The process ended before it said " + prefix + ": " + Files.readString(err));
    }

    /** Lets it say {@code word} so many times; how many runs it published meanwhile. */
    long pass(int times, String word) throws IOException {
      long before = publishes;
      for (int i = 0; i < times; i++) {
        readUntil(word);
      }
      return publishes - before;
    }

    /** Kills it; how many runs it had said to be published meanwhile. */
    long kill() throws IOException, InterruptedException {
      long before = publishes;
      // The process's own method would close the pipe with what it has said.
      process.toHandle().destroyForcibly();
      process.waitFor();
      // Not to the end: a process that it was starting when it died may hold the pipe open for
      // ever.
      StringBuilder rest = new StringBuilder();
      while (out.ready()) {
        rest.append((char) out.read());
      }
      rest.toString().lines().forEach(this::note);
      return publishes - before;
    }

    private void note(String line) {
      if (line.startsWith("published ")) {
        last = Long.parseLong(line.substring("published ".length()));
        publishes++;
      }
    }

    @Override
    public void close() throws IOException {
      process.toHandle().destroyForcibly();
      process.onExit().join();
      out.close();
    }
  }
}
