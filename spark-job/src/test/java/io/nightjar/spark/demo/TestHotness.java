package io.nightjar.spark.demo;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.xxhash64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestHotness {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 2)
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @ParameterizedTest
  @EnumSource(names = {"HIGH", "MEDIUM", "LOW", "RANDOM"})
  void touchesTheShareOfRowsOfItsClass(Hotness hotness) {
    int rows = 500_000;
    Column unit = shiftrightunsigned(xxhash64(col("id"), lit("salt")), 11).multiply(0x1.0p-53);
    long touched = spark.range(rows).select(hotness.rowId(unit, rows)).distinct().count();
    assertThat((double) touched / rows).isCloseTo(hotness.touchedShare(), within(0.005));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 24, 1000, 5000, 99_991})
  void losesNoRow(int rows) {
    Column unit = col("id").plus(0.5).divide(rows);
    assertThat(
            spark
                .range(rows)
                .select(Hotness.RANDOM.rowId(unit, rows).as("row"))
                .where(col("row").between(0, rows - 1))
                .distinct()
                .count())
        .isEqualTo(rows);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 24, 5000})
  void oneItemIsOneRowOfTheTable(int rows) {
    Column row = Hotness.ONE_ITEM.rowId(col("id").divide(100), rows).as("row");
    assertThat(
            spark.range(100).select(row).where(col("row").between(0, rows - 1)).distinct().count())
        .isEqualTo(1);
    assertThat(spark.range(100).select(row).where(col("row").between(0, rows - 1)).count())
        .isEqualTo(100);
  }
}
