package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.ForkedJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The discovery script, and the GPUs that executors get by it. */
class TestDevicesOfExecutors {
  private static final Path FIND_GPUS = Path.of("..", "conf", "gpu", "find-gpus").toAbsolutePath();

  @TempDir private Path folder;
  private Path script;

  /** A host where nvidia-smi says what the file beside it says. */
  @BeforeEach
  void hostWithGpus() throws IOException {
    executable("nvidia-smi", "cat '%s'".formatted(folder.resolve("gpus")));
    script = executable("script", "PATH='%s':$PATH exec '%s'".formatted(folder, FIND_GPUS));
  }

  @Test
  void gpusAreFound() throws Exception {
    gpus("0\n1\n7\n");
    assertThat(find()).isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\", \"7\"]}\n");
    gpus("0\n");
    assertThat(find()).isEqualTo("{\"name\": \"gpu\", \"addresses\": [\"0\"]}\n");
  }

  @Test
  void noGpusAreNotNothing() throws Exception {
    gpus("");
    assertThat(find()).isEqualTo("find-gpus: error: Cannot find GPUs: nvidia-smi lists none\n");
  }

  @Test
  void eachExecutorHasAGpuOfItsOwn() throws Exception {
    gpus("0\n1\n");
    assertThat(ForkedJvm.run(Cluster.class, folder.resolve("cluster"), script.toString()))
        .containsExactly("[0, 1]");
  }

  private void gpus(String lines) throws IOException {
    Files.writeString(folder.resolve("gpus"), lines);
  }

  private Path executable(String name, String command) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + command + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private String find() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(script.toString()).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(said.startsWith("{") ? 0 : 1);
    return said;
  }

  /** A host with two executors; prints the devices that their plugins know. */
  static final class Cluster {
    private Cluster() {}

    public static void main(String[] arguments) {
      SparkSession session =
          ForkedJvm.cluster("local-cluster[1,2,2048]")
              .config("spark.executor.cores", 1)
              .config("spark.executor.memory", "1g")
              .config("spark.scheduler.minRegisteredResourcesRatio", 1)
              .config("spark.worker.resource.gpu.amount", 2)
              .config("spark.worker.resource.gpu.discoveryScript", arguments[0])
              .config("spark.executor.resource.gpu.amount", 1)
              .config("spark.task.resource.gpu.amount", 1)
              .config("spark.plugins", ScoringPlugin.class.getName())
              .getOrCreate();
      List<Integer> tasks = IntStream.range(0, 64).boxed().toList();
      System.out.println(
          new JavaSparkContext(session.sparkContext())
                  .parallelize(tasks, tasks.size())
                  .map(task -> ScoringExecutor.device())
                  .distinct()
                  .collect()
                  .stream()
                  .sorted()
                  .toList());
      session.stop();
    }
  }
}
