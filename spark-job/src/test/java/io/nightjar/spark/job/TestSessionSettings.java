package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.spark.metrics.MetricsTargets;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.ScoringSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestSessionSettings {
  private static final ScoringConf CONF =
      new ScoringConf(
          new InputConf(new InputConf.Examples("/in"), Optional.empty()),
          ScoringSpec.of("hdfs://name/ctr")
              .withEmbeddingBag(
                  new EmbeddingBagSpec(EmbeddingBagVariant.TBE_L2P, true, "/profile")),
          new OutputConf(
              "/out",
              Optional.empty(),
              List.of("*"),
              Optional.empty(),
              "zstd",
              1,
              OptionalLong.empty(),
              false,
              Duration.ofMinutes(1)),
          new MetricsTargets(Optional.empty(), Optional.empty()),
          new SafetyConf(1, Optional.empty(), Map.of(), List.of()),
          new ProfileConf(Optional.of("/profile"), 1, 10),
          List.of());

  @Test
  void aBareSubmitGetsAllThatTheJobNeeds() {
    SparkConf settings = SessionSettings.of(local(), CONF);

    assertThat(settings.get("spark.sql.extensions"))
        .isEqualTo("io.nightjar.spark.plan.NightjarExtensions");
    assertThat(settings.get("spark.plugins")).isEqualTo("io.nightjar.spark.executor.ScoringPlugin");
    assertThat(settings.get("spark.sql.columnVector.offheap.enabled")).isEqualTo("true");
    assertThat(settings.get("spark.app.name")).isEqualTo("nightjar hdfs://name/ctr");
    assertThat(settings.get("spark.nightjar.model")).isEqualTo("hdfs://name/ctr");
    assertThat(settings.get("spark.nightjar.backend")).isEqualTo("auto");
    assertThat(settings.get("spark.nightjar.precision")).isEqualTo("fp32");
    assertThat(settings.get("spark.nightjar.embedding-bag.variant")).isEqualTo("tbe+l2p");
    assertThat(settings.get("spark.nightjar.embedding-bag.reorder")).isEqualTo("true");
    assertThat(settings.get("spark.nightjar.profile.path")).isEqualTo("/profile");
  }

  @Test
  void whatScoresNothingLoadsNoModel() {
    SparkConf settings = SessionSettings.withoutModel(local(), CONF);

    assertThat(settings.contains("spark.nightjar.model")).isFalse();
    assertThat(settings.contains("spark.sql.sources.commitProtocolClass")).isFalse();
    assertThat(settings.get("spark.plugins")).isEqualTo("io.nightjar.spark.executor.ScoringPlugin");
  }

  @Test
  void theUsersSettingsStay() {
    SparkConf user =
        local()
            .set("spark.app.name", "mine")
            .set("spark.sql.extensions", "org.a.A, org.b.B")
            .set("spark.plugins", "io.nightjar.spark.executor.ScoringPlugin,org.c.C")
            .set("spark.sql.columnVector.offheap.enabled", "false");

    SparkConf settings = SessionSettings.of(user, CONF);

    assertThat(settings.get("spark.app.name")).isEqualTo("mine");
    assertThat(settings.get("spark.sql.extensions"))
        .isEqualTo("org.a.A, org.b.B,io.nightjar.spark.plan.NightjarExtensions");
    assertThat(settings.get("spark.plugins"))
        .isEqualTo("io.nightjar.spark.executor.ScoringPlugin,org.c.C");
    assertThat(settings.get("spark.sql.columnVector.offheap.enabled")).isEqualTo("false");
    assertThat(user.contains("spark.nightjar.model")).isFalse();
  }

  @Test
  void statisticsAreCommittedWithTheFiles() {
    String key = "spark.sql.sources.commitProtocolClass";
    assertThat(SessionSettings.of(local(), CONF).get(key))
        .isEqualTo("io.nightjar.spark.executor.StatisticsCommitProtocol");
    assertThatThrownBy(() -> SessionSettings.of(local().set(key, "org.a.A"), CONF))
        .isInstanceOf(JobException.class)
        .hasMessage(
            "Invalid spark.sql.sources.commitProtocolClass: org.a.A, expected nothing: the job's"
                + " own commits what tasks counted with their files");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ignoreCorruptFiles", "ignoreMissingFiles"})
  void whatLosesRowsIsRefused(String name) {
    assertThatThrownBy(
            () -> SessionSettings.of(local().set("spark.sql.files." + name, "true"), CONF))
        .isInstanceOf(JobException.class)
        .hasMessage(
            "Invalid spark.sql.files."
                + name
                + ": true, expected false: it loses rows without a word");
  }

  @Test
  void gpusOfTasksAreRefusedInLocalMode() {
    String key = "spark.task.resource.gpu.amount";
    assertThatThrownBy(() -> SessionSettings.of(local().set(key, "0.5"), CONF))
        .isInstanceOf(JobException.class)
        .hasMessage(
            "Invalid spark.task.resource.gpu.amount: 0.5, expected nothing with spark.master ="
                + " local[2]: local mode has no GPU resources, and its tasks would wait for them"
                + " forever");
    SparkConf cluster = local().set("spark.master", "spark://host:7077").set(key, "0.5");
    assertThat(SessionSettings.of(cluster, CONF).get(key)).isEqualTo("0.5");
  }

  @Test
  void withoutAMasterNothingStarts() {
    assertThatThrownBy(() -> SessionSettings.of(new SparkConf(false), CONF))
        .isInstanceOf(JobException.class)
        .hasMessage("Cannot start Spark: spark.master is not set; submit with spark-submit");
  }

  private static SparkConf local() {
    return new SparkConf(false).set("spark.master", "local[2]");
  }
}
