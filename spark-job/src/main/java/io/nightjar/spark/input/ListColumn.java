package io.nightjar.spark.input;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.spark.sql.execution.vectorized.WritableColumnVector;

/**
 * An array of numbers a row, or null.
 *
 * <p>A column has a pair of levels for each element, and one for each array that has none. The
 * repetition level is 0 where a row begins. The definition level is the highest where there is a
 * value, one less where an element is null (if elements may be), one less where an array is empty,
 * and less than that where it is null.
 */
final class ListColumn implements NumberColumn {
  /** Levels that are read at a time: few enough to stay in a core's first cache. */
  private static final int BLOCK = 2048;

  private final ColumnDescriptor column;
  private final int ofValue;
  private final int ofElement;
  private final ColumnPages pages;
  private final Presence presence;
  private final int[] repetitions = new int[BLOCK];
  private final int[] definitions = new int[BLOCK];

  /** The first element of each row of the batch, and the end of the last one. */
  private final int[] starts;

  /** Next level of the block. */
  private int at;

  /** Levels of the block. */
  private int levels;

  /** Whether each level of the block is of a value. */
  private boolean isFull;

  /** Elements of the batch so far. */
  private int elements;

  /**
   * Reads {@code column}.
   *
   * @param nullableElements whether an element may be null
   * @param capacity most rows of a batch
   */
  ListColumn(ColumnDescriptor column, NumberType type, boolean nullableElements, int capacity) {
    this.column = column;
    this.ofValue = column.getMaxDefinitionLevel();
    this.ofElement = nullableElements ? ofValue - 1 : ofValue;
    this.pages = new ColumnPages(column, type);
    this.presence = new Presence(type, BLOCK);
    this.starts = new int[capacity + BLOCK + 1];
  }

  @Override
  public void start(PageReadStore group) {
    pages.start(group.getPageReader(column));
    at = 0;
    levels = 0;
  }

  @Override
  public void read(WritableColumnVector vector, int rows) {
    int row = 0;
    elements = 0;
    starts[0] = 0;
    // The last row ends where another one begins, maybe in the next block.
    while (at < levels || nextBlock()) {
      row = isFull ? readFull(vector, row, rows) : readSparse(vector, row, rows);
      if (at < levels) {
        break;
      }
    }
    if (row < rows || starts[0] != 0) {
      throw new ParquetDecodingException(
          "Cannot read " + column + ": it has " + row + " rows where others have " + rows);
    }
    starts[rows] = elements;
    for (int i = 0; i < rows; i++) {
      vector.putArray(i, starts[i], starts[i + 1] - starts[i]);
    }
  }

  private boolean nextBlock() {
    at = 0;
    levels = Math.min(BLOCK, pages.left());
    if (levels == 0) {
      return false;
    }
    pages.take(levels);
    pages.repetitions().read(repetitions, levels);
    isFull = pages.definitions().skip(ofValue, levels);
    if (!isFull) {
      pages.definitions().read(definitions, levels);
    }
    return true;
  }

  /** Reads on, to the end of the block or of {@code rows}; every level has a value. */
  private int readFull(WritableColumnVector vector, int first, int rows) {
    int row = first;
    int moved = elements - at;
    // Without a branch: a start that is none is overwritten by the next one.
    for (int i = at; i < levels; i++) {
      starts[row] = moved + i;
      row += 1 - repetitions[i];
    }
    int to = levels;
    if (row > rows) {
      to = starts[rows] - moved;
      row = rows;
    }
    int count = to - at;
    WritableColumnVector target = room(vector, count);
    pages.values().put(count, target, elements, presence.scratch());
    elements += count;
    at = to;
    return row;
  }

  /** The same where arrays may be null or empty, and elements null. */
  private int readSparse(WritableColumnVector vector, int first, int rows) {
    int row = first;
    int count = 0;
    int[] present = presence.flags();
    for (; at < levels; at++) {
      int definition = definitions[at];
      if (repetitions[at] == 0) {
        if (row == rows) {
          break;
        }
        if (definition < ofElement - 1) {
          vector.putNull(row);
        }
        starts[row] = elements + count;
        row++;
      }
      if (definition >= ofElement) {
        present[count] = definition == ofValue ? 1 : 0;
        count++;
      }
    }
    presence.put(pages.values(), room(vector, count), elements, count);
    elements += count;
    return row;
  }

  /** The elements of {@code vector}, with room for {@code count} more. */
  private WritableColumnVector room(WritableColumnVector vector, int count) {
    WritableColumnVector target = vector.arrayData();
    target.reserve(Math.addExact(elements, count));
    return target;
  }
}
