package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.Pooling;
import io.nightjar.spark.testing.LocalSpark;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What executors read of a profile. */
class TestRowIdProfile {
  @TempDir Path folder;

  private List<int[]> hotRows(String version) {
    return RowIdProfile.hotRows(
        folder.toString(),
        version,
        List.of(table("b"), table("c"), table("a")),
        new Configuration());
  }

  private static EmbeddingTableConfig table(String name) {
    return new EmbeddingTableConfig(name, 100, 4, Pooling.SUM);
  }

  @Test
  void rowsComeByRankOfEachTable() {
    writeTables("noon");
    LocalSpark.session()
        .sql(
            "select table, rank, row_id, 'noon' counted_at, 'v1' model_version from values ('a', 1, 50), ('b', 2, 7),"
                + " ('b', 0, 9), ('a', 0, 3), ('b', 1, 8) as t(table, rank, row_id)")
        .repartition(3)
        .write()
        .parquet(folder.resolve("hot").toString());

    List<int[]> hot = hotRows("v1");

    assertThat(hot).hasSize(3);
    assertThat(hot.get(0)).containsExactly(9, 8, 7);
    assertThat(hot.get(1)).isEmpty();
    assertThat(hot.get(2)).containsExactly(3, 50);
    assertThatThrownBy(() -> hotRows("v2"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot use the profile in %s: it is of model version v1, expected v2; nightjar profile"
                + " makes one of that",
            folder);
  }

  private void writeTables(String countedAt) {
    LocalSpark.session()
        .sql("select 'a' table, '" + countedAt + "' counted_at, 'v1' model_version")
        .write()
        .parquet(folder.resolve("tables").toString());
  }

  @Test
  void hotRowsOfAnotherRunAreRefused() {
    writeTables("noon");
    LocalSpark.session()
        .sql(
            "select 'a' table, 0 rank, 7 row_id, 'midnight' counted_at, 'v1' model_version from"
                + " range(3)")
        .write()
        .parquet(folder.resolve("hot").toString());

    assertThatThrownBy(() -> hotRows("v1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot use the profile in %s: its tables were counted at noon, its hot rows at"
                + " midnight; nightjar profile makes both anew",
            folder);
  }
}
