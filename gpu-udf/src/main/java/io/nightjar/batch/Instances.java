package io.nightjar.batch;

/**
 * Which features of a batch repeat, and how: users and items that come in many rows are filled,
 * copied and pooled once, as distinct instances, and every row says which instance it has.
 *
 * <p>Features that do not repeat belong to {@linkplain #areRows the rows themselves}. Not
 * thread-safe; owned by its batch.
 */
public final class Instances implements AutoCloseable {
  private final PackedIds ofRows;
  private int count;

  private Instances(PackedIds ofRows) {
    this.ofRows = ofRows;
  }

  /** Every row is an instance of its own. */
  static Instances rows() {
    return new Instances(null);
  }

  /** Instances that rows share, up to {@code capacity}. */
  static Instances shared(int capacity, HostMemory memory) {
    return new Instances(new PackedIds(capacity, capacity, memory));
  }

  /** How many there are; bags and dense values of their features are filled for so many. */
  public int count() {
    return count;
  }

  /** Says how many instances were filled; of {@link FeatureBatch#rows(int)}'s doing for rows. */
  public void count(int instances) {
    count = instances;
  }

  /** Whether every row is an instance of its own. */
  public boolean areRows() {
    return ofRows == null;
  }

  /** The instance of each row, [capacity], in {@code [0, count)}; not for rows themselves. */
  public PackedIds ofRows() {
    return ofRows;
  }

  /** The instance of a row. */
  public int of(int row) {
    return ofRows == null ? row : ofRows.get(row);
  }

  @Override
  public void close() {
    if (ofRows != null) {
      ofRows.close();
    }
  }
}
