package io.nightjar.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
    FeatureBatch batch = new FeatureBatch(2, new int[] {9, 900, 90_000}, 5, memory);
    batch.sparse(1).ids().ensure(1_000);
    batch.sparse(1).ids().ensure(10_000);
    assertThat(memory.live).hasSize(2 + 3 * 2);
    batch.share(List.of(0), List.of(2));
    batch.share(List.of(1), List.of());
    assertThat(memory.live).hasSize(2 + 3 * 2 + 2);
    batch.shareNothing();
    batch.share(List.of(), List.of(1)); // takes what was allocated before
    assertThat(memory.live).hasSize(2 + 3 * 2 + 2);
    batch.close();
    assertThat(memory.live).isEmpty();
  }

  @Test
  void takesAsMuchMemoryAsForetold() {
    CountingMemory memory = new CountingMemory();
    int[] numEmbeddings = {255, 256, 65_536, 1 << 24};
    try (FeatureBatch batch = new FeatureBatch(3, numEmbeddings, 1000, memory)) {
      assertThat(batch.sparseFeatures()).isEqualTo(4);
      assertThat(memory.live.stream().mapToLong(ByteBuffer::capacity).sum())
          .isEqualTo(FeatureBatch.bytes(3, 4, 1000))
          .isEqualTo(3 * 4000 + 4 * (4004 + 4000));
    }
  }

  @Test
  void sharesFeaturesUntilToldNotTo() {
    try (FeatureBatch batch = new FeatureBatch(2, new int[] {9, 9, 9}, 5, HostMemory.PLAIN)) {
      batch.rows(4);
      Instances users = batch.share(List.of(1), List.of(0, 2));
      Instances items = batch.share(List.of(), List.of(1));
      users.count(2);
      users.ofRows().put(0, new int[] {0, 0, 1, 1}, 0, 4);
      assertThat(batch.shared()).containsExactly(users, items);
      assertThat(batch.sparse(2).instances()).isSameAs(users);
      assertThat(batch.sparse(1).instances()).isSameAs(items);
      assertThat(batch.denseInstances(1).of(2)).isEqualTo(1);
      assertThat(batch.denseInstances(0).of(2)).isEqualTo(2);
      assertThat(batch.denseInstances(0).count()).isEqualTo(4);
      assertThat(batch.denseInstances(0).areRows()).isTrue();
      assertThatThrownBy(() -> batch.share(List.of(0), List.of(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot share sparse feature 1: it is shared already");
      assertThatThrownBy(() -> batch.share(List.of(1), List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Cannot share dense feature 1: it is shared already");
      batch.shareNothing();
      assertThat(batch.shared()).isEmpty();
      assertThat(batch.sparse(2).instances().areRows()).isTrue();
      assertThat(batch.denseInstances(1).areRows()).isTrue();
    }
  }

  @Test
  void oneIdABagNeedsNoOffsets() {
    try (FeatureBatch batch = new FeatureBatch(0, new int[] {9}, 5, HostMemory.PLAIN)) {
      JaggedTensor bags = batch.sparse(0);
      bags.offsets().put(0, new int[] {0, 2, 2, 3, 3, 3});
      assertThat(bags.begin(3)).isEqualTo(3);
      assertThat(bags.begin(2)).isEqualTo(2);
      assertThat(bags.begin(1)).isEqualTo(2);
      bags.haveOneIdABag();
      assertThat(bags.hasOneIdABag()).isTrue();
      assertThat(bags.begin(1)).isEqualTo(1);
      bags.haveOffsets(4); // the fifth has none
      bags.offsets().put(5, 4);
      assertThat(bags.hasOneIdABag()).isFalse();
      assertThat(IntStream.rangeClosed(0, 5).map(bags::begin)).containsExactly(0, 1, 2, 3, 4, 4);
      bags.haveOffsets(1); // those that are there stay
      assertThat(bags.begin(4)).isEqualTo(4);
    }
  }

  @Test
  void rowsStayWithinTheCapacity() {
    try (FeatureBatch batch = new FeatureBatch(1, new int[] {9}, 5, HostMemory.PLAIN)) {
      batch.rows(5);
      assertThatThrownBy(() -> batch.rows(6))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid row count: 6, expected 0 to 5");
      assertThatThrownBy(() -> batch.rows(-1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid row count: -1, expected 0 to 5");
      assertThat(batch.rows()).isEqualTo(5);
    }
    assertThatThrownBy(() -> new FeatureBatch(1, new int[] {9}, 0, HostMemory.PLAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid capacity: 0, expected 1 or more");
  }
}
