package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.plan.NightjarExtensions;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.ForkedJvm;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that cannot open the model that the driver read. */
class TestModelOfExecutors {
  @TempDir private Path folder;

  @Test
  void goneBeforeTheFirstTask() throws Exception {
    Path model = TinyModel.write(folder.resolve("model"), 1, 1, 10);
    Dataset<Row> scored =
        Nightjar.score(
            LocalSpark.session().range(3).toDF(),
            ScoringSpec.of(model.toString())
                .withFeature("d0", FeatureSource.column("id"))
                .withFeature("s0", FeatureSource.column("id")));
    Files.delete(model.resolve("model.json"));

    ScoringFailure failure =
        ScoringFailure.behind(catchThrowable(scored::collectAsList)).orElseThrow();

    assertThat(failure.kind()).isEqualTo(ScoringFailure.Kind.MODEL);
    assertThat(failure.message())
        .isEqualTo("Invalid model directory " + model + ": no model.json, expected one");
  }

  @Test
  void executorsTellWhyBeforeTheyEnd() throws Exception {
    Path model = TinyModel.write(folder.resolve("model"), 1, 1, 10);

    List<String> lines = ForkedJvm.run(Cluster.class, folder, model.toUri().toString());

    assertThat(lines)
        .hasSize(2)
        .allMatch(
            line ->
                line.matches(
                    "MODEL Cannot copy model viewfs://models/ctr to /proc/cache/\\w+:"
                        + " java.nio.file.NoSuchFileException: /proc/cache"));
  }

  @Test
  void anExecutorThatSeesOtherFilesDoesNotScore() throws Exception {
    Path model = TinyModel.write(folder.resolve("model"), 1, 1, 10);

    List<String> lines = ForkedJvm.run(Rewritten.class, folder, model.toString());

    assertThat(lines).hasSize(2);
    assertThat(lines.get(0)).isEqualTo("scored 3 rows");
    assertThat(lines.get(1))
        .matches(
            "MODEL Cannot open model file:%s: its files have content [0-9a-f]{32} on executor [1-9] \\(\\S+\\), and [0-9a-f]{32} on executor 0 \\(\\S+\\)"
                .formatted(model));
  }

  /** A second executor, started when one byte of the weights is another one. */
  static final class Rewritten {
    private Rewritten() {}

    public static void main(String[] arguments) throws IOException {
      Path model = Path.of(arguments[0]);
      SparkSession session =
          ForkedJvm.cluster("local-cluster[1,1,1024]")
              .config("spark.plugins", ScoringPlugin.class.getName())
              .config("spark.sql.extensions", NightjarExtensions.class.getName())
              .getOrCreate();
      Dataset<Row> scored =
          Nightjar.score(
              session.range(3).toDF(),
              ScoringSpec.of(model.toString())
                  .withFeature("d0", FeatureSource.column("id"))
                  .withFeature("s0", FeatureSource.column("id")));
      System.out.println("scored " + scored.collectAsList().size() + " rows");
      Path weights = model.resolve("model.safetensors");
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 1] ^= 1;
      Files.write(weights, bytes);
      session.range(1).toJavaRDD().foreachPartition(rows -> haltOnce());
      try {
        System.out.println("scored " + scored.collectAsList().size() + " rows");
      } catch (Exception e) {
        ScoringFailure failure = ScoringFailure.behind(e).orElseThrow();
        System.out.println(failure.kind() + " " + failure.message());
      }
      session.stop();
    }

    /** Ends the executor of a first attempt; the next one is tried on another. */
    private static void haltOnce() {
      if (TaskContext.get().attemptNumber() == 0) {
        Runtime.getRuntime().halt(1);
      }
    }
  }

  /** Executors of their own processes, which have nowhere to copy the model to. */
  static final class Cluster {
    private Cluster() {}

    public static void main(String[] arguments) {
      SparkSession session =
          ForkedJvm.cluster("local-cluster[1,1,1024]")
              .config("spark.plugins", ScoringPlugin.class.getName())
              .config("spark.hadoop.fs.viewfs.mounttable.models.link./ctr", arguments[0])
              .config("spark.nightjar.model", "viewfs://models/ctr")
              .config("spark.nightjar.model-cache", "/proc/cache")
              .getOrCreate();
      // The job that runs meanwhile, and the one after it.
      for (int i = 0; i < 2; i++) {
        try {
          session.range(0, 10, 1, 2).rdd().count();
          System.out.println("The job ran");
        } catch (Exception e) {
          // Spark throws this one, though it does not declare it.
          if (!(e instanceof SparkException)) {
            throw e;
          }
          ScoringFailure failure = ScoringFailure.behind(e).orElseThrow();
          System.out.println(failure.kind() + " " + failure.message());
        }
      }
      session.stop();
    }
  }
}
