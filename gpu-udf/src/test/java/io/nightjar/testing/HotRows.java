package io.nightjar.testing;

import io.nightjar.model.DlrmConfig;
import io.nightjar.model.EmbeddingTableConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Rows that are said to be hot. */
public final class HotRows {
  private static final int MOST = 100_000;

  /** Steps of this come to each row once, but for tables with a multiple of it. */
  private static final long PRIME = 7_919;

  private HotRows() {}

  /** Rows here and there: of every other table all, of the others a third, of the third none. */
  public static List<int[]> some(DlrmConfig config) {
    List<int[]> hot = new ArrayList<>();
    for (EmbeddingTableConfig table : config.tables()) {
      int rows = table.numEmbeddings();
      int count = hot.size() == 2 ? 0 : hot.size() % 2 == 0 ? (rows + 2) / 3 : rows;
      hot.add(
          IntStream.range(0, Math.min(count, MOST))
              .map(i -> (int) ((i * PRIME + 13) % rows))
              .toArray());
    }
    return hot;
  }
}
