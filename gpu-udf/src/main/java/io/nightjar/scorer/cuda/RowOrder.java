package io.nightjar.scorer.cuda;

import java.util.Arrays;

/**
 * The rows of a table in another order: hot rows first, the most frequent one before all, then the
 * others as they were.
 */
final class RowOrder {
  private final int[] rows;
  private final int[] places;

  private RowOrder(int[] rows, int[] places) {
    this.rows = rows;
    this.places = places;
  }

  /**
   * That order of a table of so many rows.
   *
   * @throws IllegalArgumentException if {@code hot} has a row that the table has not, or one twice
   */
  static RowOrder hotFirst(String table, int numEmbeddings, int[] hot) {
    int[] rows = new int[numEmbeddings];
    int[] places = new int[numEmbeddings];
    Arrays.fill(places, -1);
    int next = 0;
    for (int row : hot) {
      if (row < 0 || row >= numEmbeddings) {
        throw new IllegalArgumentException(
            "Invalid hot row of table %s: %d, expected 0 to %d"
                .formatted(table, row, numEmbeddings - 1));
      }
      if (places[row] >= 0) {
        throw new IllegalArgumentException(
            "Invalid hot row of table %s: %d for the second time, expected each row once"
                .formatted(table, row));
      }
      places[row] = next;
      rows[next++] = row;
    }
    for (int row = 0; row < numEmbeddings; row++) {
      if (places[row] < 0) {
        places[row] = next;
        rows[next++] = row;
      }
    }
    return new RowOrder(rows, places);
  }

  /** The row at each place. */
  int[] rows() {
    return rows;
  }

  /** The place of each row. */
  int[] places() {
    return places;
  }
}
