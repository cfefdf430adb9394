package io.nightjar.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestFeatureBatch {

  /** Plain memory that knows what was not given back. */
  private static final class CountingMemory implements HostMemory {
    private final Set<ByteBuffer> live = Collections.newSetFromMap(new IdentityHashMap<>());

    @Override
    public ByteBuffer allocate(int bytes) {
      ByteBuffer buffer = HostMemory.PLAIN.allocate(bytes);
      live.add(buffer);
      return buffer;
    }

    @Override
    public void free(ByteBuffer buffer) {
      assertThat(live.remove(buffer)).isTrue();
    }
  }

  @Test
  void givesBackWhatItTook() {
    CountingMemory memory = new CountingMemory();
    FeatureBatch batch = new FeatureBatch(2, 3, 5, memory);
    batch.sparse(1).ensureValues(1_000);
    batch.sparse(1).ensureValues(10_000);
    assertThat(memory.live).hasSize(2 + 3 * 2);
    batch.close();
    assertThat(memory.live).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7, 8, 100, 5_000})
  void growingKeepsTheRowIds(int count) {
    try (FeatureBatch batch = new FeatureBatch(0, 1, 5, HostMemory.PLAIN)) {
      JaggedTensor bags = batch.sparse(0);
      bags.values().put(0, new int[] {1, 2, 3, 4, 5});
      bags.ensureValues(count);
      assertThat(bags.values().capacity()).isGreaterThanOrEqualTo(count);
      int[] kept = new int[5];
      bags.values().get(0, kept);
      assertThat(kept).containsExactly(1, 2, 3, 4, 5);
    }
  }

  @Test
  void tooManyRowIds() {
    try (FeatureBatch batch = new FeatureBatch(0, 1, 5, HostMemory.PLAIN)) {
      assertThatThrownBy(() -> batch.sparse(0).ensureValues(1L << 29))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot hold 536870912 row ids of one feature in one batch: at most 536870911 fit;"
                  + " lower the batch size");
    }
  }

  @Test
  void rowsStayWithinTheCapacity() {
    try (FeatureBatch batch = new FeatureBatch(1, 1, 5, HostMemory.PLAIN)) {
      batch.rows(5);
      assertThatThrownBy(() -> batch.rows(6))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid row count: 6, expected 0 to 5");
      assertThatThrownBy(() -> batch.rows(-1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid row count: -1, expected 0 to 5");
      assertThat(batch.rows()).isEqualTo(5);
    }
    assertThatThrownBy(() -> new FeatureBatch(1, 1, 0, HostMemory.PLAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid capacity: 0, expected 1 or more");
  }
}
