package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.nightjar.scorer.BatchCost;
import org.junit.jupiter.api.Test;

class TestExecutorGauges {
  private final MetricRegistry registry = new MetricRegistry();

  @Test
  void growByEveryBatch() {
    ExecutorGauges.register(registry);
    long rows = gauge("rows");
    long batches = gauge("batches");
    long busy = gauge("busyNanos");
    long bytes = gauge("bytesIn");

    ExecutorGauges.count(new BatchCost(1, 2, 3, 6, 700, 80), 9);

    assertThat(gauge("rows") - rows).isEqualTo(9);
    assertThat(gauge("batches") - batches).isEqualTo(1);
    assertThat(gauge("busyNanos") - busy).isEqualTo(6);
    assertThat(gauge("bytesIn") - bytes).isEqualTo(700);
  }

  @Test
  void haveTheNamesThatTheDocumentationGives() {
    ExecutorGauges.register(registry);
    assertThat(registry.getGauges().keySet())
        .containsExactly(
            "batches",
            "busyNanos",
            "bytesIn",
            "bytesOut",
            "computeNanos",
            "copyInNanos",
            "copyOutNanos",
            "device",
            "modelsInUse",
            "rows");
  }

  private long gauge(String name) {
    return (Long) registry.getGauges().get(name).getValue();
  }
}
