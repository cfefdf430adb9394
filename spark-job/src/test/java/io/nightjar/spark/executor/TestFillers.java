package io.nightjar.spark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.nightjar.batch.FeatureBatch;
import io.nightjar.batch.HostMemory;
import io.nightjar.batch.JaggedTensor;
import io.nightjar.batch.Logarithm;
import io.nightjar.batch.Transform;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.testing.LocalSpark;
import io.nightjar.spark.testing.Plans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.FileSourceScanExec;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import scala.jdk.javaapi.CollectionConverters;

/** What the fillers put into a batch is what Spark's own expressions say, bit for bit. */
class TestFillers {
  private static final int ROWS = 1500;
  private static final int READER_BATCH = 64;
  private static final int MOD = 1000;

  /** A column of the test: how it is made, which input it is, and what Spark makes of it. */
  private record Case(String column, String value, Object input, String expected) {
    static Case dense(String name, String value, Transform transform) {
      return dense(name, value, transform, 0.5);
    }

    static Case dense(String name, String value, Transform transform, double ofNull) {
      String replaced = "coalesce(cast(" + name + " as double), " + ofNull + "D)";
      String expected = transform == Transform.NONE ? replaced : "log1p(" + replaced + ")";
      return new Case(
          name,
          value,
          new DenseInput(name, name, true, ofNull, transform),
          "cast(" + expected + " as float)");
    }

    static Case rowIds(String name, String value) {
      return new Case(
          name,
          value,
          sparse(name, 0),
          "if(" + name + " is null, array(), array(cast(" + name + " as bigint)))");
    }

    static Case bags(String name, String value) {
      return new Case(
          name, value, sparse(name, 0), "coalesce(cast(" + name + " as array<bigint>), array())");
    }

    static Case hashed(String name, String value) {
      return new Case(
          name,
          value,
          sparse(name, MOD),
          "if(" + name + " is null, array(), array(pmod(xxhash64(" + name + "), " + MOD + ")))");
    }

    static Case hashedBags(String name, String value) {
      return new Case(
          name,
          value,
          sparse(name, MOD),
          "coalesce(transform(" + name + ", x -> pmod(xxhash64(x), " + MOD + ")), array())");
    }

    private static SparseInput sparse(String name, long hashMod) {
      return new SparseInput(name, name, "t", MOD, hashMod, new OutOfRange.BadRow());
    }
  }

  // Few values at first, then many: with a small dictionary Parquet gives up on it half-way.
  private static final String NUMBER = "if(id < 700, id % 3, id % 997)";
  // Nulls and empty bags at the edges of the reader's batches, and here and there.
  private static final String HOLE = "(id % 64 in (0, 63) or id % 7 = 3)";

  private static final List<Case> CASES =
      List.of(
          Case.dense("db", nullable("cast(id % 100 as byte)"), Transform.NONE),
          Case.dense("dh", nullable("cast(id as short)"), Transform.LOG1P),
          Case.dense("di", nullable("cast(" + NUMBER + " as int)"), Transform.NONE),
          Case.dense("dl", nullable(NUMBER), Transform.LOG1P),
          Case.dense("df", nullable("cast(" + NUMBER + " / 7 as float)"), Transform.NONE),
          Case.dense("dfl", nullable("cast(" + NUMBER + " / 7 as float)"), Transform.LOG1P),
          Case.dense("dfl2", "cast(" + NUMBER + " as float)", Transform.LOG1P),
          // What stands for null is no float, so that it has to be transformed before it is one.
          Case.dense("dfl3", nullable("cast(id / 7 as float)"), Transform.LOG1P, 0.1),
          Case.dense("df2", "cast(" + NUMBER + " / 7 as float)", Transform.NONE),
          Case.dense("dd", nullable("cast(" + NUMBER + " / 7 as double)"), Transform.LOG1P),
          Case.dense("dd2", "cast(" + NUMBER + " / 7 as double)", Transform.NONE),
          Case.dense("dm", nullable("cast(" + NUMBER + " / 7 as decimal(7,2))"), Transform.NONE),
          Case.dense("dn", nullable("cast(" + NUMBER + " / 7 as decimal(15,3))"), Transform.NONE),
          Case.dense("dg", nullable("cast(" + NUMBER + " / 7 as decimal(30,5))"), Transform.NONE),
          Case.rowIds("sb", nullable("cast(id % 100 as byte)")),
          Case.rowIds("sh", nullable("cast(" + NUMBER + " as short)")),
          Case.rowIds("si", nullable("cast(" + NUMBER + " as int)")),
          Case.rowIds("si2", "cast(" + NUMBER + " as int)"),
          Case.rowIds("sl", nullable(NUMBER)),
          Case.rowIds("sl2", NUMBER),
          Case.bags("ab", bag("cast((id + x) % 100 as byte)")),
          Case.bags("ah", bag("cast((id + x) % 997 as short)")),
          Case.bags("ai", bag("cast((" + NUMBER + " + x) % 997 as int)")),
          Case.bags("al", bag("(" + NUMBER + " + x) % 997")),
          Case.bags("al2", "transform(sequence(0, 2), x -> (" + NUMBER + " + x) % 997)"),
          Case.hashed("hs", nullable("concat('Straße ', " + NUMBER + ")")),
          Case.hashed("hs2", "repeat(concat(" + NUMBER + ", '-'), cast(id % 20 as int))"),
          Case.hashed("hb", nullable("cast(id % 100 as byte)")),
          Case.hashed("hh", nullable("cast(id as short)")),
          Case.hashed("hi", nullable("cast(-id as int)")),
          Case.hashed("hl", nullable("id * 1234567890123")),
          Case.hashed("hf", nullable(special("float"))),
          Case.hashed("hd", nullable(special("double"))),
          Case.hashed("hm", nullable("cast(-id / 7 as decimal(7,2))")),
          Case.hashed("hn", nullable("cast(id / 7 as decimal(15,3))")),
          Case.hashed("hg", nullable("cast(-id / 7 as decimal(30,5))")),
          Case.hashedBags("ahs", bag("concat('x', (id + x) % 50)")),
          Case.hashedBags("ahd", bag("cast((id - x) / 7 as double)")),
          Case.hashedBags("ahi", bag("cast(id - x as int)")));

  private static String nullable(String value) {
    return "if(" + HOLE + ", null, " + value + ")";
  }

  private static String bag(String element) {
    return "if(%s, if(id %% 2 = 0, null, array()), transform(sequence(0, id %% 5), x -> %s))"
        .formatted(HOLE, element);
  }

  private static String special(String type) {
    return ("case id % 6 when 0 then cast('NaN' as T) when 1 then cast('-0.0' as T)"
            + " when 2 then cast('0.0' as T) when 4 then cast('-Infinity' as T)"
            + " else cast(id / 7 as T) end")
        .replace("cast('-0.0' as T)", "-cast('0.0' as T)")
        .replace("T)", type + ")");
  }

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "true, 1048576, 1048576, false",
    "true, 1048576, 1048576, true",
    "false, 1048576, 1048576, false",
    "false, 256, 1048576, true",
    "true, 256, 256, false",
    "true, 256, 256, true",
  })
  void columnsAndRows(boolean dictionary, int pageBytes, int dictionaryBytes, boolean offHeap)
      throws IOException {
    SparkSession session = LocalSpark.session();
    session.conf().set("spark.sql.columnVector.offheap.enabled", offHeap);
    session.conf().set("spark.sql.parquet.columnarReaderBatchSize", READER_BATCH);
    String path = folder.resolve("data").toString();
    session
        .range(0, ROWS, 1, 1)
        .selectExpr(CASES.stream().map(c -> c.value() + " " + c.column()).toArray(String[]::new))
        .write()
        .option("parquet.enable.dictionary", dictionary)
        .option("parquet.page.size", pageBytes)
        .option("parquet.page.size.row.check.min", 10)
        .option("parquet.dictionary.page.size", dictionaryBytes)
        .parquet(path);
    Dataset<Row> data = session.read().parquet(path);
    assertEncodings("sl2", dictionary, !dictionary || dictionaryBytes < 1000);

    List<Row> expected =
        data.selectExpr(CASES.stream().map(Case::expected).toArray(String[]::new)).collectAsList();
    for (int capacity : List.of(1, 7, READER_BATCH, 1000, 5000)) {
      assertThat(fromColumns(data, capacity)).isEqualTo(texts(expected));
    }
    for (int capacity : List.of(7, 5000)) {
      assertThat(fromRows(data, capacity)).isEqualTo(texts(expected));
    }
  }

  /** Integers that cannot be hashed past their table, and logarithms of floats. */
  @Test
  void whatIsLeftToWhoeverScores() {
    assertThat(left(new DenseInput("f", "f", true, 0.5, Transform.LOG1P), DataTypes.FloatType))
        .isEqualTo(Transform.LOG1P);
    assertThat(left(new DenseInput("f", "f", false, 0.1, Transform.LOG1P), DataTypes.FloatType))
        .isEqualTo(Transform.LOG1P);
    assertThat(left(new DenseInput("f", "f", true, 0.1, Transform.LOG1P), DataTypes.FloatType))
        .isEqualTo(Transform.NONE);
    assertThat(left(new DenseInput("f", "f", true, 0.5, Transform.LOG1P), DataTypes.DoubleType))
        .isEqualTo(Transform.NONE);
    assertThat(hashRows(MOD, DataTypes.IntegerType)).isEqualTo(MOD);
    assertThat(hashRows(MOD - 1, DataTypes.ShortType)).isEqualTo(MOD - 1);
    assertThat(hashRows(MOD, DataTypes.ByteType)).isEqualTo(MOD);
    assertThat(hashRows(MOD + 1, DataTypes.IntegerType)).isZero();
    assertThat(hashRows(MOD, DataTypes.LongType)).isZero();
    assertThat(hashRows(MOD, DataTypes.StringType)).isZero();
    assertThat(hashRows(0, DataTypes.IntegerType)).isZero();
  }

  private static Transform left(DenseInput input, DataType type) {
    return new DenseFiller(input, new BoundColumn("f", 0, type)).left();
  }

  private static int hashRows(int hashMod, DataType type) {
    return new RowIds(Case.sparse("s", hashMod), type).hashRows();
  }

  private void assertEncodings(String column, boolean dictionary, boolean plain)
      throws IOException {
    Path file;
    try (Stream<Path> files = Files.list(folder.resolve("data"))) {
      file = files.filter(f -> f.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    var input =
        HadoopInputFile.fromPath(new org.apache.hadoop.fs.Path(file.toUri()), new Configuration());
    try (ParquetFileReader reader = ParquetFileReader.open(input)) {
      var chunk =
          reader.getFooter().getBlocks().get(0).getColumns().stream()
              .filter(c -> c.getPath().toDotString().equals(column))
              .findFirst()
              .orElseThrow();
      EncodingStats stats = chunk.getEncodingStats();
      assertThat(stats.hasDictionaryEncodedPages()).isEqualTo(dictionary);
      assertThat(stats.hasNonDictionaryEncodedPages()).isEqualTo(plain);
    }
  }

  private static List<String> texts(List<Row> rows) {
    return rows.stream()
        .map(
            row -> {
              List<Object> values = new ArrayList<>();
              for (int i = 0; i < row.size(); i++) {
                values.add(
                    CASES.get(i).input() instanceof DenseInput ? row.get(i) : row.getList(i));
              }
              return values.toString();
            })
        .toList();
  }

  private static List<String> fromColumns(Dataset<Row> data, int capacity) {
    FileSourceScanExec scan = Plans.all(Plans.executed(data), FileSourceScanExec.class).get(0);
    List<BoundColumn> columns = bind(scan);
    return scan.executeColumnar()
        .toJavaRDD()
        .mapPartitions(batches -> new Recorder(columns, capacity).columns(batches))
        .collect();
  }

  private static List<String> fromRows(Dataset<Row> data, int capacity) {
    List<BoundColumn> columns =
        bind(Plans.all(Plans.executed(data), FileSourceScanExec.class).get(0));
    return ((org.apache.spark.sql.classic.Dataset<Row>) data)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(rows -> new Recorder(columns, capacity).rows(rows))
        .collect();
  }

  private static List<BoundColumn> bind(FileSourceScanExec scan) {
    List<Attribute> output = CollectionConverters.asJava(scan.output());
    List<BoundColumn> columns = new ArrayList<>();
    for (int i = 0; i < output.size(); i++) {
      columns.add(new BoundColumn(output.get(i).name(), i, output.get(i).dataType()));
    }
    return columns;
  }

  /** Fills batch after batch and writes down what is in them. */
  private static final class Recorder {
    private final List<Object> fillers = new ArrayList<>();
    private final int capacity;
    private final List<String> rows = new ArrayList<>();
    private FeatureBatch batch;
    private BadRowMarks marks;
    private int filled;

    Recorder(List<BoundColumn> columns, int capacity) {
      this.capacity = capacity;
      for (int i = 0; i < columns.size(); i++) {
        Object input = CASES.get(i).input();
        fillers.add(
            input instanceof DenseInput dense
                ? new DenseFiller(dense, columns.get(i))
                : new SparseFiller((SparseInput) input, columns.get(i)));
      }
      open();
    }

    private void open() {
      int[] numEmbeddings = new int[fillers.size()];
      Arrays.fill(numEmbeddings, MOD);
      batch = new FeatureBatch(fillers.size(), numEmbeddings, capacity, HostMemory.PLAIN);
      marks = new BadRowMarks(capacity, false);
      filled = 0;
      for (int i = 0; i < fillers.size(); i++) {
        if (fillers.get(i) instanceof DenseFiller dense) {
          batch.transform(i, dense.left());
        }
      }
    }

    Iterator<String> columns(Iterator<ColumnarBatch> batches) {
      while (batches.hasNext()) {
        ColumnarBatch columns = batches.next();
        int from = 0;
        while (from < columns.numRows()) {
          int count = Math.min(capacity - filled, columns.numRows() - from);
          for (int i = 0; i < fillers.size(); i++) {
            if (fillers.get(i) instanceof DenseFiller dense) {
              dense.fill(columns.column(i), from, count, batch.dense(i), filled, marks);
            } else if (fillers.get(i) instanceof SparseFiller sparse) {
              sparse.fill(columns.column(i), from, count, batch.sparse(i), filled, marks);
            }
          }
          from += count;
          filled(count);
        }
      }
      return end();
    }

    Iterator<String> rows(Iterator<InternalRow> input) {
      while (input.hasNext()) {
        InternalRow row = input.next();
        for (int i = 0; i < fillers.size(); i++) {
          if (fillers.get(i) instanceof DenseFiller dense) {
            dense.fill(row, batch.dense(i), filled, filled, marks);
          } else if (fillers.get(i) instanceof SparseFiller sparse) {
            sparse.fill(row, batch.sparse(i), filled, filled, marks);
          }
        }
        filled(1);
      }
      return end();
    }

    private void filled(int count) {
      filled += count;
      if (filled == capacity) {
        record();
        open();
      }
    }

    private Iterator<String> end() {
      record();
      return rows.iterator();
    }

    private void record() {
      for (int row = 0; row < filled; row++) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < fillers.size(); i++) {
          values.add(
              fillers.get(i) instanceof DenseFiller
                  ? scored(batch, i, row)
                  : bag(batch.sparse(i), row));
        }
        rows.add(marks.isBad(row) ? "bad: " + marks.firstMessage() : values.toString());
      }
    }

    private static float scored(FeatureBatch batch, int feature, int row) {
      float value = batch.dense(feature).get(row);
      return batch.transform(feature) == Transform.LOG1P ? Logarithm.log1p(value) : value;
    }

    private static List<Integer> bag(JaggedTensor tensor, int row) {
      List<Integer> ids = new ArrayList<>();
      for (int i = tensor.begin(row); i < tensor.begin(row + 1); i++) {
        ids.add(tensor.ids().get(i));
      }
      return ids;
    }
  }

  @Test
  void constantsOfAPartition() {
    SparkSession session = LocalSpark.session();
    String path = folder.resolve("constants").toString();
    session.range(0, 10, 1, 1).selectExpr("id", "3 p").write().partitionBy("p").parquet(path);
    Dataset<Row> data = session.read().parquet(path);
    FileSourceScanExec scan = Plans.all(Plans.executed(data), FileSourceScanExec.class).get(0);
    List<BoundColumn> columns = bind(scan);

    List<String> filled =
        scan.executeColumnar()
            .toJavaRDD()
            .mapPartitions(
                batches -> {
                  SparseFiller filler = new SparseFiller(Case.sparse("p", 0), columns.get(1));
                  FeatureBatch batch = new FeatureBatch(0, new int[] {MOD}, 10, HostMemory.PLAIN);
                  BadRowMarks marks = new BadRowMarks(10, false);
                  assertThat(batches.hasNext()).isTrue();
                  filler.fill(batches.next().column(1), 0, 10, batch.sparse(0), 0, marks);
                  return List.of(Recorder.bag(batch.sparse(0), 9).toString()).iterator();
                })
            .collect();

    assertThat(filled).containsExactly("[3]");
  }
}
