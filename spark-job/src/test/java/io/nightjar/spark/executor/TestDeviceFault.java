package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.spark.testing.ForkedJvm;
import io.nightjar.spark.testing.LocalSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestDeviceFault {
  @TempDir private Path folder;

  @Test
  void anExecutorIsReplaced() throws Exception {
    assertThat(ForkedJvm.run(Cluster.class, folder))
        .containsExactly("Command exited with code 20", "42");
  }

  @Test
  void theDriverLivesOn() {
    LocalSpark.session();
    RuntimeException fault = new IllegalStateException("a fault");
    assertThat(DeviceFault.end(fault)).isSameAs(fault);
  }

  @Test
  void otherErrorsAreThrown() {
    RuntimeException error = new IllegalStateException("no fault");
    assertThat(DeviceFault.endOrThrow(error)).isSameAs(error);
  }

  /** A task that meets a fault where it is tried first. */
  static final class Cluster {
    private Cluster() {}

    public static void main(String[] arguments) {
      SparkSession session = ForkedJvm.cluster("local-cluster[1,1,1024]").getOrCreate();
      session
          .sparkContext()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                  System.out.println(removed.reason());
                }
              });
      String tried = Path.of("tried").toAbsolutePath().toString();
      int sum =
          new JavaSparkContext(session.sparkContext())
              .parallelize(List.of(42), 1)
              .map(value -> faultAtFirst(Path.of(tried), value))
              .reduce(Integer::sum);
      System.out.println(sum);
      session.stop();
    }

    private static int faultAtFirst(Path tried, int value) {
      if (!Files.exists(tried)) {
        try {
          Files.createFile(tried);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        throw DeviceFault.end(new IllegalStateException("a fault"));
      }
      return value;
    }
  }
}
