package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nightjar.spark.Nightjar;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.testing.ForkedJvm;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkException;
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
