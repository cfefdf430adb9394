package io.nightjar.scorer.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.EmbeddingBags;
import java.util.List;
import org.junit.jupiter.api.Test;

class TestRowOrder {
  @Test
  void hotRowsComeFirstAndTheOthersAsTheyWere() {
    RowOrder order = RowOrder.hotFirst("t", 6, new int[] {4, 0, 5});
    assertThat(order.rows()).containsExactly(4, 0, 5, 1, 2, 3);
    assertThat(order.places()).containsExactly(1, 3, 4, 5, 0, 2);
  }

  @Test
  void withoutHotRowsNothingMoves() {
    RowOrder order = RowOrder.hotFirst("t", 3, new int[0]);
    assertThat(order.rows()).containsExactly(0, 1, 2);
    assertThat(order.places()).containsExactly(0, 1, 2);
  }

  @Test
  void aRowThatIsNotThereOrTwiceIsRefused() {
    assertThatThrownBy(() -> RowOrder.hotFirst("t", 6, new int[] {4, 6}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid hot row of table t: 6, expected 0 to 5");
    assertThatThrownBy(() -> RowOrder.hotFirst("t", 6, new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid hot row of table t: -1, expected 0 to 5");
    assertThatThrownBy(() -> RowOrder.hotFirst("t", 6, new int[] {4, 2, 4}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid hot row of table t: 4 for the second time, expected each row once");
  }

  @Test
  void whatNeedsHotRowsIsToldThem() {
    assertThatThrownBy(() -> EmbeddingBags.of(EmbeddingBagVariant.L2P))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid variant of the embedding bag: l2p, expected one that needs no hot rows, for"
                + " none are known");
    assertThatThrownBy(() -> new EmbeddingBags(EmbeddingBagVariant.TBE, List.of(), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid variant of the embedding bag: tbe with rows in another order, expected one"
                + " that needs no hot rows, for none are known");
    assertThatThrownBy(
            () -> new EmbeddingBags(EmbeddingBagVariant.RANGE, List.of(new int[0]), true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid variant of the embedding bag: range with rows in another order, expected"
                + " another: it adds in the order in which rows lie");
  }
}
