package io.nightjar.golden;

import io.nightjar.model.DlrmConfig;
import io.nightjar.testing.Samples;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The rows of a golden, in the order of row_id.
 *
 * @param samples inputs
 * @param scores expected, [rows]
 * @param logits expected, [rows]
 */
public record GoldenRows(Samples samples, List<Double> scores, List<Double> logits) {

  /** Reads the Parquet files of {@code golden}, a model of the shape {@code config}. */
  public static GoldenRows read(Golden golden, DlrmConfig config) {
    Samples samples = new Samples(config);
    List<Double> scores = new ArrayList<>();
    List<Double> logits = new ArrayList<>();
    String sql =
        "SELECT * FROM '%s' JOIN '%s' USING (row_id) ORDER BY row_id"
            .formatted(golden.examples(), golden.expected());
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        samples.add(dense(row, config), bags(row, config));
        scores.add(row.getDouble("score"));
        logits.add(row.getDouble("logit"));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read " + golden, e);
    }
    return new GoldenRows(samples, scores, logits);
  }

  /** Reads what PyTorch's bfloat16 gives, in the order of row_id. */
  public static List<Double> bf16Logits(Golden golden) {
    List<Double> logits = new ArrayList<>();
    String sql = "SELECT logit FROM '%s' ORDER BY row_id".formatted(golden.bf16());
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        logits.add(row.getDouble("logit"));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read " + golden.bf16(), e);
    }
    return logits;
  }

  private static float[] dense(ResultSet row, DlrmConfig config) throws SQLException {
    float[] dense = new float[config.denseFeatures().size()];
    for (int i = 0; i < dense.length; i++) {
      dense[i] = row.getFloat(config.denseFeatures().get(i));
    }
    return dense;
  }

  private static int[][] bags(ResultSet row, DlrmConfig config) throws SQLException {
    int[][] bags = new int[config.sparseFeatures().size()][];
    for (int i = 0; i < bags.length; i++) {
      bags[i] = bag(row.getObject(config.sparseFeatures().get(i).name()));
    }
    return bags;
  }

  private static int[] bag(Object value) throws SQLException {
    if (value == null) {
      return new int[0];
    }
    if (value instanceof Number id) {
      return new int[] {id.intValue()};
    }
    Object[] ids = (Object[]) ((Array) value).getArray();
    int[] bag = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      bag[i] = ((Number) ids[i]).intValue();
    }
    return bag;
  }
}
