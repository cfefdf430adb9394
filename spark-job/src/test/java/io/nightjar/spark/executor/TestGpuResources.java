package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.SparkConf;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TestGpuResources {
  private static final String AMOUNT = "spark.executor.resource.gpu.amount";

  @ParameterizedTest
  @CsvSource({
    "local,true",
    "local[2],true",
    "'local[*, 4]',true",
    "'local-cluster[2,1,1024]',false",
    "spark://host:7077,false",
    "yarn,false",
    "k8s://https://host,false"
  })
  void localModeIsOneProcess(String master, boolean local) {
    assertThat(GpuResources.isLocal(conf(master))).isEqualTo(local);
  }

  @Test
  void aProgramThatWouldHangIsRefused() {
    SparkConf conf = conf("local[4]").set("spark.task.resource.gpu.amount", "0.25");
    assertThatThrownBy(() -> GpuResources.check(conf))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid spark.task.resource.gpu.amount: 0.25, expected nothing with spark.master ="
                + " local[4]: local mode has no GPU resources, and its tasks would wait for them"
                + " forever");
  }

  @Test
  void anExecutorHasOneOrNone() {
    assertThat(GpuResources.executorsHaveOne(conf("yarn"))).isFalse();
    assertThat(GpuResources.executorsHaveOne(conf("yarn").set(AMOUNT, "0"))).isFalse();
    assertThat(GpuResources.executorsHaveOne(conf("yarn").set(AMOUNT, "1"))).isTrue();
    assertThatThrownBy(() -> GpuResources.executorsHaveOne(conf("yarn").set(AMOUNT, "2")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid spark.executor.resource.gpu.amount: 2, expected 1: an executor scores on one"
                + " GPU, so let as many executors run on a host as it has GPUs");
  }

  @Test
  void theDeviceOfLocalModeIsAFlag() {
    assertThat(GpuResources.device(conf("local"), given("5"))).isZero();
    assertThat(GpuResources.device(device("3"), Map.of())).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "gpu0", "", "1.5"})
  void aFlagThatIsNoDevice(String text) {
    assertThatThrownBy(() -> GpuResources.device(device(text), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid spark.nightjar.device: "
                + text
                + ", expected the number of one device, from 0");
  }

  @Test
  void theDeviceOfAnExecutorIsItsAddress() {
    assertThat(GpuResources.device(conf("yarn"), given("5"))).isEqualTo(5);
    assertThat(GpuResources.device(conf("yarn"), Map.of())).isZero();
  }

  @Test
  void addressesThatAreNotOneNumber() {
    assertThatThrownBy(() -> GpuResources.device(conf("yarn"), given("0", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid address of this executor's GPU: 0,1, expected the number of one device, from"
                + " 0");
  }

  /**
   * {@code conf/gpu/spark-defaults.conf} is right for one GPU an executor, and for no local mode.
   */
  @Test
  void theShippedSettingsGiveEveryExecutorOneGpu() throws IOException {
    Properties shipped = new Properties();
    try (InputStream in = Files.newInputStream(Path.of("../conf/gpu/spark-defaults.conf"))) {
      shipped.load(in);
    }
    SparkConf cluster = conf("spark://host:7077");
    SparkConf local = conf("local[16]");
    for (String key : shipped.stringPropertyNames()) {
      cluster.set(key, shipped.getProperty(key));
      local.set(key, shipped.getProperty(key));
    }

    assertThat(GpuResources.executorsHaveOne(cluster)).isTrue();
    assertThat(
            cluster.getInt("spark.executor.cores", 0)
                * cluster.getDouble("spark.task.resource.gpu.amount", 0))
        .as("the tasks of an executor share its GPU")
        .isEqualTo(1);
    assertThat(cluster.get("spark.executor.resource.gpu.discoveryScript"))
        .endsWith("/conf/gpu/find-gpus");
    GpuResources.check(cluster);
    assertThatThrownBy(() -> GpuResources.check(local))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static SparkConf conf(String master) {
    return new SparkConf(false).set("spark.master", master);
  }

  private static SparkConf device(String text) {
    return conf("local[2]").set("spark.nightjar.device", text);
  }

  private static Map<String, ResourceInformation> given(String... addresses) {
    return Map.of("gpu", new ResourceInformation("gpu", addresses));
  }
}
