package io.nightjar.spark.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.sql.execution.vectorized.OnHeapColumnVector;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** Pages may end in the middle of a row, and hold what no writer should have written. */
class TestListColumn {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          "message t { optional group a (LIST) { repeated group list { optional int32 element; }}}");
  private static final ColumnDescriptor COLUMN = SCHEMA.getColumns().get(0);

  /** A level pair of Parquet's, and the value if there is one. */
  private record Level(int repetition, int definition, int value) {}

  /** Rows as levels: a null row, an empty one, or elements of which some are null. */
  private static List<Level> levels(List<List<Integer>> rows) {
    List<Level> levels = new ArrayList<>();
    for (List<Integer> row : rows) {
      if (row.isEmpty()) {
        levels.add(new Level(0, 1, 0));
      }
      for (int i = 0; i < row.size(); i++) {
        int value = row.get(i);
        levels.add(new Level(i == 0 ? 0 : 1, value < 0 ? 2 : 3, value));
      }
    }
    return levels;
  }

  private static DataPage page(List<Level> levels) {
    try {
      int[] values =
          levels.stream().filter(l -> l.definition() == 3).mapToInt(Level::value).toArray();
      ByteBuffer plain =
          ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      Arrays.stream(values).forEach(plain::putInt);
      BytesInput bytes =
          BytesInput.concat(
              runs(1, levels.stream().mapToInt(Level::repetition).toArray()),
              runs(2, levels.stream().mapToInt(Level::definition).toArray()),
              BytesInput.from(plain.array()));
      return new DataPageV1(
          BytesInput.from(bytes(bytes)),
          levels.size(),
          (int) bytes.size(),
          Statistics.createStats(COLUMN.getPrimitiveType()),
          Encoding.RLE,
          Encoding.RLE,
          Encoding.PLAIN);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static BytesInput runs(int width, int[] numbers) throws IOException {
    try (RunLengthBitPackingHybridEncoder encoder =
        new RunLengthBitPackingHybridEncoder(
            width, 64, 1 << 20, HeapByteBufferAllocator.getInstance())) {
      for (int number : numbers) {
        encoder.writeInt(number);
      }
      BytesInput runs = encoder.toBytes();
      return BytesInput.from(bytes(BytesInput.concat(BytesInput.fromInt((int) runs.size()), runs)));
    }
  }

  /** A row group of these pages. */
  private record Group(Queue<DataPage> pages) implements PageReadStore, PageReader {
    @Override
    public PageReader getPageReader(ColumnDescriptor column) {
      return this;
    }

    @Override
    public long getRowCount() {
      throw new AssertionError("not asked");
    }

    @Override
    public DictionaryPage readDictionaryPage() {
      return null;
    }

    @Override
    public long getTotalValueCount() {
      throw new AssertionError("not asked");
    }

    @Override
    public DataPage readPage() {
      return pages.poll();
    }
  }

  private static List<List<Integer>> read(List<DataPage> pages, int rows, int capacity) {
    ListColumn column = new ListColumn(COLUMN, NumberType.INT, true, capacity);
    column.start(new Group(new ArrayDeque<>(pages)));
    List<List<Integer>> read = new ArrayList<>();
    try (OnHeapColumnVector vector =
        new OnHeapColumnVector(capacity, DataTypes.createArrayType(DataTypes.IntegerType))) {
      while (read.size() < rows) {
        int count = Math.min(capacity, rows - read.size());
        vector.reset();
        column.read(vector, count);
        for (int row = 0; row < count; row++) {
          List<Integer> elements = new ArrayList<>();
          for (int i = 0; i < vector.getArrayLength(row); i++) {
            int at = vector.getArrayOffset(row) + i;
            elements.add(vector.arrayData().isNullAt(at) ? -1 : vector.arrayData().getInt(at));
          }
          read.add(elements);
        }
      }
    }
    return read;
  }

  /** Negative elements stand for null ones. */
  @Property(tries = 300)
  void rowsMayGoOnInTheNextPage(
      @ForAll @Size(min = 1, max = 60)
          List<@Size(max = 9) List<@IntRange(min = -1, max = 9) Integer>> rows,
      @ForAll @IntRange(min = 1, max = 50) int levelsOfAPage,
      @ForAll @IntRange(min = 1, max = 70) int capacity) {
    List<Level> levels = levels(rows);
    List<DataPage> pages = new ArrayList<>();
    for (int i = 0; i < levels.size(); i += levelsOfAPage) {
      pages.add(page(levels.subList(i, Math.min(levels.size(), i + levelsOfAPage))));
    }
    assertThat(read(pages, rows.size(), capacity)).isEqualTo(rows);
  }

  @Test
  void fewerRowsThanOtherColumnsHave() {
    List<DataPage> pages = List.of(page(levels(List.of(List.of(1, 2), List.of(3)))));
    assertThatThrownBy(() -> read(pages, 3, 10))
        .isInstanceOf(ParquetDecodingException.class)
        .hasMessage(
            "Cannot read [a, list, element] optional int32 element: it has 2 rows where others"
                + " have 3");
  }

  @Test
  void noRowBegins() {
    List<DataPage> full = List.of(page(List.of(new Level(1, 3, 7), new Level(0, 3, 8))));
    assertThatThrownBy(() -> read(full, 1, 10)).isInstanceOf(ParquetDecodingException.class);
    List<DataPage> sparse =
        List.of(page(List.of(new Level(1, 3, 7), new Level(0, 0, 0), new Level(0, 0, 0))));
    assertThatThrownBy(() -> read(sparse, 1, 10)).isInstanceOf(ParquetDecodingException.class);
  }

  @Test
  void fewerValuesThanLevelsSay() {
    DataPageV1 whole = (DataPageV1) page(levels(List.of(List.of(1, 2, 3))));
    byte[] cut = bytes(whole.getBytes());
    List<DataPage> pages = List.of(page(BytesInput.from(cut, 0, cut.length - 1)));
    assertThatThrownBy(() -> read(pages, 1, 10))
        .isInstanceOf(ParquetDecodingException.class)
        .hasMessage("Cannot read 3 values of a page that has 11 bytes left");
  }

  @Test
  void levelsThatEndBehindTheirPage() {
    List<DataPage> pages = List.of(page(BytesInput.from(new byte[] {9, 0, 0, 0, 1})));
    assertThatThrownBy(() -> read(pages, 1, 10))
        .isInstanceOf(ParquetDecodingException.class)
        .hasMessage("Invalid size of levels: 9 bytes, expected 0 to 1");
  }

  private static byte[] bytes(BytesInput input) {
    try {
      return PageBytes.of(input).copy();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static DataPage page(BytesInput bytes) {
    return new DataPageV1(
        bytes,
        3,
        (int) bytes.size(),
        Statistics.createStats(COLUMN.getPrimitiveType()),
        Encoding.RLE,
        Encoding.RLE,
        Encoding.PLAIN);
  }
}
