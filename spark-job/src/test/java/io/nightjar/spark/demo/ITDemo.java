package io.nightjar.spark.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/nightjar} as a newcomer types it, on the jar that the build has just made. */
class ITDemo {
  private static final Pattern BAR = Pattern.compile("(?m)^  0\\.\\d\\d  .*  ([\\d,]+)$");

  @TempDir private Path folder;

  private record Ended(int code, String text) {}

  @Test
  void scoresTheSamePairsFlatAndJoined() throws Exception {
    Ended demo = nightjar("demo", "--rows", "2000", "--dir", folder.resolve("demo").toString());
    assertThat(demo.text()).contains("Nightjar scored 2,000 rows in ");
    assertThat(scoresInHistogram(demo.text())).isEqualTo(2000);
    assertThat(demo.code()).isZero();

    Ended pairs = nightjar("score", "--config", folder.resolve("demo/pairs.conf").toString());
    assertThat(pairs.text()).contains("Nightjar scored 2,000 rows in ");
    assertThat(pairs.code()).isZero();

    String flat = "from '%s/demo/scores/*.parquet'".formatted(folder);
    String joined = "from '%s/demo/scores-of-pairs/*.parquet'".formatted(folder);
    String columns = "select user_id, item_id, score ";
    assertThat(count("select count(*) from (%s)".formatted(columns + flat))).isEqualTo(2000);
    assertThat(
            count(
                "select count(*) from (%s except all %s)"
                    .formatted(columns + flat, columns + joined)))
        .isZero();
    assertThat(count("select count(distinct score) " + flat)).isGreaterThan(1900);
  }

  @Test
  void namesTheCommandsThereAre() throws Exception {
    Ended ended = nightjar("scroe");
    assertThat(ended.text())
        .endsWith(
            "nightjar: error: Unknown command: scroe, expected demo, score, explain, status or"
                + " profile"
                + System.lineSeparator());
    assertThat(ended.code()).isEqualTo(2);
  }

  private static long scoresInHistogram(String text) {
    Matcher bar = BAR.matcher(text);
    long scores = 0;
    while (bar.find()) {
      scores += Long.parseLong(bar.group(1).replace(",", ""));
    }
    return scores;
  }

  private static long count(String sql) throws SQLException {
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getLong(1);
    }
  }

  private Ended nightjar(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("../bin/nightjar"));
    command.addAll(List.of(arguments));
    Path log = Files.createTempFile(folder, "nightjar", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("NIGHTJAR_SUBMIT_OPTIONS", "--master local[2] --driver-memory 1g");
    // Spark's jars as Maven resolved them, whatever Spark this machine may have.
    builder.environment().remove("SPARK_HOME");
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(log, StandardCharsets.UTF_8));
  }
}
