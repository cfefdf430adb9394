package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.model.InvalidModelException;
import io.nightjar.model.ModelFolder;
import io.nightjar.model.ModelInfo;
import io.nightjar.scorer.Backend;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.testing.ForkedJvm;
import io.nightjar.spark.testing.TinyModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of a file system that is not this host's: Hadoop's viewfs, mounted on a local folder. */
class TestLocalModels {
  @TempDir private Path folder;

  private final Configuration conf = new Configuration();
  private Path original;
  private Path cache;

  @BeforeEach
  void mount() {
    original = TinyModel.write(folder.resolve("original"), 1, 1, 10);
    cache = folder.resolve("cache");
    // Hadoop would give the mount of the test before.
    conf.setBoolean("fs.viewfs.impl.disable.cache", true);
    conf.set("fs.viewfs.mounttable.models.link./ctr", original.toUri().toString());
  }

  private ModelReference reference() {
    return reference(conf);
  }

  private static ModelReference reference(Configuration conf) {
    HadoopModelFolder remote = HadoopModelFolder.at("viewfs://models/ctr", conf);
    ModelInfo info = ModelInfo.read(remote);
    return new ModelReference(
        remote.location(),
        info.version(),
        info.edition(),
        Backend.CPU,
        Precision.FP32,
        EmbeddingBagSpec.AUTO);
  }

  private Path copied(ModelReference reference) {
    return LocalModels.copied(reference, cache, 2, conf);
  }

  @Test
  void isCopiedOnce() throws IOException {
    ModelReference reference = reference();

    Path copy = copied(reference);

    assertThat(copy).isEqualTo(cache.resolve(reference.edition()));
    assertThat(ModelInfo.read(ModelFolder.local(copy)).version()).isEqualTo(reference.version());
    Files.delete(original.resolve("model.safetensors"));
    assertThat(copied(reference)).isEqualTo(copy);
    assertThat(filesOf(cache)).containsExactly(reference.edition(), reference.edition() + ".lock");
  }

  @Test
  void aModelThatWasWrittenAgainIsAnotherCopy() throws IOException {
    Path first = copied(reference());
    Files.setLastModifiedTime(original.resolve("model.safetensors"), FileTime.fromMillis(5000));

    assertThat(copied(reference())).isNotEqualTo(first);
  }

  @Test
  void replacedByAnotherWhileTheJobStarts() throws IOException {
    ModelReference reference = reference();
    TinyModel.write(original, 1, 1, 11);
    String found = reference().version();

    assertThatThrownBy(() -> copied(reference))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageMatching(
            "Cannot open model viewfs://models/ctr: .*/cache/%s-\\d+ holds version %s, and the driver read version %s"
                .formatted(reference.edition(), found, reference.version()));
    assertThat(filesOf(cache)).containsExactly(reference.edition() + ".lock");
  }

  @Test
  void trainedAgainWhileTheJobStarts() throws IOException {
    ModelReference reference = reference();
    Files.setLastModifiedTime(original.resolve("model.safetensors"), FileTime.fromMillis(5000));

    assertThatThrownBy(() -> copied(reference))
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(
            "Cannot copy model viewfs://models/ctr: it was written again since the driver read it");
    assertThat(filesOf(cache)).containsExactly(reference.edition() + ".lock");
  }

  @Test
  void brokenCopyIsNotTaken() throws IOException {
    ModelReference reference = reference();
    Files.delete(copied(reference).resolve("model.safetensors"));

    assertThatThrownBy(() -> copied(reference)).isInstanceOf(InvalidModelException.class);
  }

  @Test
  void copiesThatWereNotOpenedForLongMakeRoom() throws IOException {
    Path first = age(copied(reference()), 30);
    Path second = age(copied(rewritten(11)), 20);
    Path third = age(copied(rewritten(12)), 10);
    assertThat(first).doesNotExist();
    assertThat(second).isDirectory();

    // Opened again, it is not the oldest any more.
    age(copied(rewritten(11)), 2);
    Path fourth = copied(rewritten(13));
    assertThat(third).doesNotExist();
    assertThat(second).isDirectory();
    assertThat(fourth).isDirectory();
  }

  @Test
  void copiesOfTheLastHourStay() throws IOException {
    Path first = copied(reference());
    Path second = copied(rewritten(11));
    Path third = copied(rewritten(12));

    assertThat(List.of(first, second, third)).allMatch(Files::isDirectory);
  }

  @Test
  void aCopyThatAnotherProcessMakesStays() throws Exception {
    Path first = age(copied(reference()), 30);
    age(copied(rewritten(11)), 20);

    String other = first.getFileName() + ".lock";
    try (Held held = Held.lock(folder, cache.resolve(other))) {
      age(copied(rewritten(12)), 10);
      assertThat(first).isDirectory();
      assertThat(held.process().isAlive()).isTrue();
    }
  }

  @Test
  void whatKilledProcessesLeftIsTakenAway() throws IOException {
    Path dead = cache.resolve(reference().edition() + "-123");
    Files.createDirectories(dead);
    Files.writeString(dead.resolve("model.json"), "half");

    copied(reference());

    assertThat(dead).doesNotExist();
  }

  @Test
  void howManyAreKept() {
    SparkConf spark = new SparkConf(false);
    assertThat(LocalModels.versions(spark)).isEqualTo(4);
    assertThat(LocalModels.versions(spark.set(LocalModels.VERSIONS_KEY, "7"))).isEqualTo(7);
    assertThatThrownBy(() -> LocalModels.versions(spark.set(LocalModels.VERSIONS_KEY, "0")))
        .hasMessage(
            "Invalid spark.nightjar.model-cache-versions: 0, expected a whole number of 1 or more");
  }

  @Test
  void twoProcessesThatWantOneModelCopyItOnce() throws Exception {
    Path go = folder.resolve("go");
    List<Process> racers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      List<String> command = ForkedJvm.command("-Xmx256m");
      command.addAll(
          List.of(Racer.class.getName(), original.toString(), cache.toString(), go.toString()));
      racers.add(
          new ProcessBuilder(command)
              .redirectError(folder.resolve("racer" + i + ".err").toFile())
              .start());
    }
    List<BufferedReader> outputs = racers.stream().map(Process::inputReader).toList();
    for (BufferedReader output : outputs) {
      assertThat(output.readLine()).isEqualTo("ready");
    }
    Files.createFile(go);

    List<String> made = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      made.add(outputs.get(i).readLine());
      assertThat(racers.get(i).waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(made.get(i))
          .describedAs(Files.readString(folder.resolve("racer" + i + ".err")))
          .isNotNull();
    }
    // Both end with the same copy, whose file of weights was made once: it has one inode.
    Path copy = cache.resolve(reference().edition());
    assertThat(made).containsOnly(copy + " " + Racer.identity(copy));
    assertThat(filesOf(cache))
        .containsExactly(reference().edition(), reference().edition() + ".lock");
  }

  /** Copies a model as soon as it is let go, and says which files it got. */
  static final class Racer {
    private Racer() {}

    public static void main(String[] args) throws IOException {
      Configuration conf = new Configuration();
      conf.set("fs.viewfs.mounttable.models.link./ctr", Path.of(args[0]).toUri().toString());
      ModelReference reference = reference(conf);
      System.out.println("ready");
      while (!Files.exists(Path.of(args[2]))) {
        Thread.onSpinWait();
      }
      Path copy = LocalModels.copied(reference, Path.of(args[1]), 2, conf);
      System.out.println(copy + " " + identity(copy));
    }

    static Object identity(Path copy) throws IOException {
      return Files.getAttribute(copy.resolve("model.safetensors"), "unix:ino");
    }
  }

  /** A process that holds a lock until it is closed. */
  record Held(Process process) implements AutoCloseable {
    static Held lock(Path folder, Path file) throws IOException {
      List<String> command = ForkedJvm.command("-Xmx64m");
      command.addAll(List.of(Held.class.getName(), file.toString()));
      Process process =
          new ProcessBuilder(command).redirectError(folder.resolve("held.err").toFile()).start();
      assertThat(process.inputReader().readLine()).isEqualTo("locked");
      return new Held(process);
    }

    public static void main(String[] args) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        System.out.println(lock.isValid() ? "locked" : "not locked");
        // Until the test closes the other end, or dies.
        int end = System.in.read();
        assertThat(end).isEqualTo(-1);
      }
    }

    @Override
    public void close() throws IOException {
      process.outputWriter().close();
    }
  }

  /** The same model with other tables. */
  private ModelReference rewritten(int numEmbeddings) throws IOException {
    TinyModel.write(original, 1, 1, numEmbeddings);
    // Written again with the same shape, it is to be the same edition.
    for (String file : List.of("model.json", "model.safetensors")) {
      Files.setLastModifiedTime(original.resolve(file), FileTime.fromMillis(5000));
    }
    return reference();
  }

  /** Makes it look as if {@code copy} was opened hours ago. */
  private Path age(Path copy, int hours) throws IOException {
    Files.setLastModifiedTime(
        cache.resolve(copy.getFileName() + ".lock"),
        FileTime.from(Instant.now().minus(Duration.ofHours(hours))));
    return copy;
  }

  @Test
  void unknownFileSystem() {
    assertThatThrownBy(() -> HadoopModelFolder.at("nofs://models/ctr", conf))
        .hasMessage("Cannot read model nofs://models/ctr: No FileSystem for scheme \"nofs\"");
  }

  private static Stream<String> filesOf(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }
}
