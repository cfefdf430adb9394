package io.nightjar.spark.testing;

import io.nightjar.spark.spec.ScoringSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Models, examples and the scores that PyTorch gave them. */
public final class Goldens {
  /** The folders there are. */
  public static final List<String> NAMES =
      List.of("dlrm-cat", "dlrm-dot-multihot", "dlrm-dot-onehot", "torchrec-dcn", "torchrec-dot");

  private static final Path FOLDER = Path.of("..", "gpu-udf", "src", "test", "resources", "golden");

  private Goldens() {}

  /** Folder of one golden. */
  public static Path folder(String name) {
    return FOLDER.resolve(name).toAbsolutePath().normalize();
  }

  /**
   * Writes a config of the job to {@code conf}: the golden without bags, scored into {@code out}
   * beside it, with the column {@code row_id} kept.
   */
  public static void writeJob(Path conf) throws IOException {
    Path golden = folder("dlrm-dot-onehot");
    Files.writeString(
        conf,
        """
        nightjar {
          model = "%s"
          input { examples = "%s/examples.parquet" }
          output { path = out, keep-columns = [row_id] }
        }
        """
            .formatted(golden, golden));
  }

  /** Its examples, as they are stored. */
  public static Dataset<Row> examples(SparkSession session, String name) {
    return session.read().parquet(folder(name).resolve("examples.parquet").toString());
  }

  /** Scores and logits of its model. */
  public static ScoringSpec spec(String name) {
    return ScoringSpec.of(folder(name).toString()).withLogitColumn("logit");
  }

  /** What PyTorch gave: row id to score and logit. */
  public static Map<Long, double[]> expected(SparkSession session, String name) {
    Map<Long, double[]> expected = new HashMap<>();
    session
        .read()
        .parquet(folder(name).resolve("expected.parquet").toString())
        .selectExpr("bigint(row_id)", "double(score)", "double(logit)")
        .collectAsList()
        .forEach(
            row -> expected.put(row.getLong(0), new double[] {row.getDouble(1), row.getDouble(2)}));
    return expected;
  }
}
