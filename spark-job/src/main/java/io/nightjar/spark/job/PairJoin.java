package io.nightjar.spark.job;

import io.nightjar.spark.plan.Lookup;
import io.nightjar.spark.plan.SentTables;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Puts the columns of users and items beside the candidates.
 *
 * <p>The join keeps every candidate. One without its user or item has a null in a marker column,
 * and so becomes a bad row.
 *
 * @param candidates all of them
 */
record PairJoin(SparkSession session, InputTable candidates, JoinedTable users, JoinedTable items) {

  /** Plans the pairs of those candidates that were chosen; reads footers, but no data. */
  ScoringInput of(Dataset<Row> chosen) {
    JoinOrder order = JoinOrder.of(users.sized(), items.sized(), SentLimit.bytes(session));
    List<ScoringInput.KeyedRows> tables = List.of(users.keyed(), items.keyed());
    Optional<SentTables> sent =
        order.isSent() && canBeLookedUp()
            ? Optional.of(new SentTables(() -> tables.forEach(KeyCheck::check)))
            : Optional.empty();
    Dataset<Row> pairs = chosen;
    for (JoinOrder.Step step : order.steps()) {
      JoinedTable table = step.table().equals(users.conf().name()) ? users : items;
      pairs = sent.isPresent() ? table.lookUp(pairs, sent.get()) : table.join(pairs, step.sent());
    }
    return new ScoringInput(
        pairs.select(columns(chosen)),
        chosen,
        List.of(users.required(), items.required()),
        tables,
        Optional.of(order),
        sent,
        List.of(candidates, users.source(), items.source()));
  }

  /** Whether pairs can find users and items in memory, by columns; a join makes rows of them. */
  private boolean canBeLookedUp() {
    return Lookup.takes(
        candidates.rows().schema(),
        List.of(
            Columns.type(candidates.rows(), users.conf().key()),
            Columns.type(candidates.rows(), items.conf().key())));
  }

  /** Those of the candidates, the users and the items, in whatever order they were joined. */
  private Column[] columns(Dataset<Row> chosen) {
    return Stream.of(chosen, users.named(), items.named())
        .flatMap(part -> Stream.of(part.columns()))
        .filter(name -> !JoinedTable.isKey(name))
        .map(name -> functions.col(ConfReader.quoted(name)))
        .toArray(Column[]::new);
  }
}
