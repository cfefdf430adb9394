package io.nightjar.spark.executor;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;

/**
 * Features that are a key's: rows in which it is the same have the same values of them.
 *
 * @param key column of the key, named as Spark resolves names
 * @param dense places among the program's dense inputs
 * @param sparse places among the program's sparse inputs
 */
public record SharedInputs(String key, List<Integer> dense, List<Integer> sparse)
    implements Serializable {

  public SharedInputs {
    dense = List.copyOf(dense);
    sparse = List.copyOf(sparse);
  }

  /** Whether keys can be of this type: integers and strings. */
  public static boolean takes(DataType type) {
    return ElementKind.of(type)
        .filter(kind -> kind == ElementKind.STRING || kind.isRowId())
        .isPresent();
  }

  /** These features and those of {@code more}, which has the same key. */
  public SharedInputs with(SharedInputs more) {
    return new SharedInputs(key, concat(dense, more.dense), concat(sparse, more.sparse));
  }

  private static List<Integer> concat(List<Integer> first, List<Integer> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
