package io.nightjar.spark.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nightjar.batch.Transform;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestScoringConf {
  private static final String SMALLEST =
      """
      nightjar {
        model = models/ctr
        input { examples = data }
        output { path = out }
      """;
  private static final LocalDate DAY = LocalDate.of(2026, 11, 23);

  @TempDir Path folder;

  @Test
  void everythingHasADefaultButModelInputAndOutput() throws IOException {
    ScoringConf conf = read(SMALLEST + "}");

    assertThat(conf.spec().model()).isEqualTo("file:" + folder + "/models/ctr");
    assertThat(conf.spec().backend()).isEqualTo(BackendChoice.AUTO);
    assertThat(conf.spec().precision()).isEqualTo(Precision.FP32);
    assertThat(conf.spec().embeddingBag()).isEqualTo(EmbeddingBagSpec.AUTO);
    assertThat(conf.profile()).isEqualTo(new ProfileConf(Optional.empty(), 1, 100_000));
    assertThat(conf.spec().batchSize()).isEqualTo(OptionalInt.empty());
    assertThat(conf.spec().features()).isEmpty();
    assertThat(conf.spec().outOfRange()).isEqualTo(new OutOfRange.BadRow());
    assertThat(conf.spec().badRows()).isEqualTo(BadRows.FAIL);
    assertThat(conf.spec().scoreColumn()).isEqualTo("score");
    assertThat(conf.spec().logitColumn()).isEmpty();
    assertThat(conf.input())
        .isEqualTo(
            new InputConf(new InputConf.Examples("file:" + folder + "/data"), Optional.empty()));
    assertThat(conf.output())
        .isEqualTo(
            new OutputConf(
                "file:" + folder + "/out",
                Optional.empty(),
                List.of("*"),
                Optional.of(DAY),
                "zstd",
                20_000_000,
                OptionalLong.empty(),
                false,
                Duration.ofSeconds(60)));
  }

  @Test
  void everyKeyIsRead() throws IOException {
    ScoringConf conf =
        read(
            """
            base = "hdfs://name/d"
            nightjar {
              model = "s3a://bucket/ctr"
              backend = cuda
              precision = bf16
              embedding-bag { variant = "tbe+l2p", reorder = true }
              profile { path = profiles/ctr, sample = 0.25, hot-rows = 10 }
              batch-size = 4096
              input {
                users { path = ${base}"/users", key = user_id }
                items { path = /abs/items, key = "item id" }
                candidates = ${base}"/candidates"
                where = "ds = '"${run-date}"'"
              }
              features {
                d0 = { column = I1, null = 0.5, transform = log1p }
                s0 = { column = "a.b", hash-mod = 1000, out-of-range = 7 }
                s1 = { sql = "pmod(C2 + 7, 500)" }
                s2 = { key = "user id" }
              }
              out-of-range = empty
              bad-rows = null
              output {
                path = ${base}"/out"
                table = lake.db.scores
                keep-columns = [user_id, "item id"]
                score-column = p
                logit-column = z
                partition-by-run-date = false
                compression = snappy
                max-rows-per-file = 10
                allow-empty = true
                unit-size = 1 MiB
                lock-expiry = 5 minutes
              }
            }
            """);

    assertThat(conf.input())
        .isEqualTo(
            new InputConf(
                new InputConf.Candidates(
                    new InputConf.KeyedTable("users", "hdfs://name/d/users", "user_id"),
                    new InputConf.KeyedTable("items", "/abs/items", "item id"),
                    "hdfs://name/d/candidates"),
                Optional.of("ds = '2026-11-23'")));
    assertThat(conf.spec().model()).isEqualTo("s3a://bucket/ctr");
    assertThat(conf.spec().backend()).isEqualTo(BackendChoice.CUDA);
    assertThat(conf.spec().precision()).isEqualTo(Precision.BF16);
    String profile = "file:" + folder + "/profiles/ctr";
    assertThat(conf.spec().embeddingBag())
        .isEqualTo(new EmbeddingBagSpec(EmbeddingBagVariant.TBE_L2P, true, profile));
    assertThat(conf.profile()).isEqualTo(new ProfileConf(Optional.of(profile), 0.25, 10));
    assertThat(conf.spec().batchSize()).isEqualTo(OptionalInt.of(4096));
    assertThat(conf.spec().outOfRange()).isEqualTo(new OutOfRange.Empty());
    assertThat(conf.spec().badRows()).isEqualTo(BadRows.NULL);
    assertThat(conf.spec().scoreColumn()).isEqualTo("p");
    assertThat(conf.spec().logitColumn()).contains("z");
    assertThat(conf.spec().features())
        .isEqualTo(
            Map.of(
                "d0",
                new FeatureSource(
                    new FeatureSource.Column("I1"),
                    OptionalDouble.of(0.5),
                    Transform.LOG1P,
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty()),
                "s0",
                new FeatureSource(
                    new FeatureSource.Column("`a.b`"),
                    OptionalDouble.empty(),
                    Transform.NONE,
                    OptionalLong.of(1000),
                    Optional.of(new OutOfRange.RowId(7)),
                    Optional.empty()),
                "s1",
                new FeatureSource(
                    new FeatureSource.Sql("pmod(C2 + 7, 500)"),
                    OptionalDouble.empty(),
                    Transform.NONE,
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty()),
                "s2",
                FeatureSource.column("s2").withKey("`user id`")));
    assertThat(conf.output())
        .isEqualTo(
            new OutputConf(
                "hdfs://name/d/out",
                Optional.of("lake.db.scores"),
                List.of("user_id", "item id"),
                Optional.empty(),
                "snappy",
                10,
                OptionalLong.of(1 << 20),
                true,
                Duration.ofMinutes(5)));
  }

  @Test
  void commandLineWinsOverSparkWinsOverFileWinsOverDefault() throws IOException {
    SparkConf spark =
        new SparkConf(false)
            .set("spark.nightjar.batch-size", "2")
            .set("spark.nightjar.precision", "fp32")
            .set("spark.nightjar.scorers", "3"); // the executors' own, and no key of the config
    ScoringConf conf =
        read(
            SMALLEST + "batch-size = 1, precision = bf16, backend = cuda }",
            spark,
            Map.of("batch-size", "3", "output.keep-columns", "[a, b]"));

    assertThat(conf.spec().batchSize()).isEqualTo(OptionalInt.of(3));
    assertThat(conf.spec().precision()).isEqualTo(Precision.FP32);
    assertThat(conf.spec().backend()).isEqualTo(BackendChoice.CUDA);
    assertThat(conf.output().keepColumns()).containsExactly("a", "b");
    assertThat(conf.settings())
        .contains(
            new Setting("batch-size", "\"3\"", "-D batch-size"),
            new Setting("precision", "\"fp32\"", "spark.nightjar.precision"),
            new Setting("backend", "\"cuda\"", "job.conf:5"),
            new Setting("bad-rows", "\"fail\"", "default"),
            new Setting("output.keep-columns", "[\"a\",\"b\"]", "-D output.keep-columns"));
  }

  @Test
  void theListOfAllKeysIsAConfig() throws IOException {
    ScoringConf conf =
        read(
            Files.readString(Path.of("../conf/nightjar.conf")).replaceAll("(?m)= *$", "= x"),
            new SparkConf(false),
            Map.of("model", "/m", "input.examples", "/e", "output.path", "/o"));

    assertThat(conf.spec().model()).isEqualTo("/m");
  }

  @Test
  void includesComeFromTheConfigsFolder() throws IOException {
    Files.writeString(folder.resolve("common.conf"), "nightjar.batch-size = 12\n");

    assertThat(read("include \"common.conf\"\n" + SMALLEST + "}").spec().batchSize())
        .isEqualTo(OptionalInt.of(12));
    assertMessage(
        "include \"absent.conf\"\n" + SMALLEST + "}",
        "Cannot read the config: file:" + folder + "/absent.conf does not exist");
  }

  @Test
  void aCarriedFileIsReadWhereItCameFrom() throws IOException {
    Files.writeString(folder.resolve("carried.conf"), SMALLEST + "}");
    SparkConf spark =
        new SparkConf(false).set("spark.files", "file:/x,file:" + folder + "/carried.conf");

    ConfigFile file = ConfigFile.read("carried.conf", spark, new Configuration());

    assertThat(file.resolve("models/ctr")).isEqualTo("file:" + folder + "/models/ctr");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batchsize = 3|Invalid key: batchsize, expected a known one such as batch-size"
            + " (job.conf:5)",
        "input.exampels = x|Invalid key: input.exampels, expected a known one such as"
            + " input.examples (job.conf:5)",
        "features.s0.hashmod = 3|Invalid key: features.s0.hashmod, expected a known one such as"
            + " features.s0.hash-mod (job.conf:5)",
        "features.s0 = 3|Invalid key: features.s0, expected a known one such as features.s0.sql"
            + " (job.conf:5)",
        "bogus = null|Invalid key: bogus, expected a known one such as model (job.conf:5)",
        "backend = gpu|Invalid backend: gpu, expected auto, cpu or cuda (job.conf:5)",
        "precision = fp16|Invalid precision: fp16, expected fp32 or bf16 (job.conf:5)",
        "embedding-bag.variant = rpf_8|Invalid embedding-bag.variant: rpf_8, expected auto, base,"
            + " optmt, rpf, smpf, lmpf, l1dpf, l2p, combined, tbe, tbe+order, tbe+optmt, tbe+smpf,"
            + " tbe+lmpf, tbe+l1dpf, tbe+staged, tbe+l2p or range (job.conf:5)",
        "backend = cpu, embedding-bag.variant = base|Invalid embedding-bag.variant: base, expected"
            + " auto with backend = cpu (job.conf:5)",
        "embedding-bag.variant = l2p|Invalid embedding-bag.variant: l2p, expected profile.path"
            + " beside it, which says where hot rows are known (job.conf:5)",
        "embedding-bag.reorder = true|Invalid embedding-bag.reorder: true, expected profile.path"
            + " beside it, which says where hot rows are known (job.conf:5)",
        "embedding-bag { variant = range, reorder = true }|Invalid embedding-bag.variant: range,"
            + " expected another with embedding-bag.reorder = true (job.conf:5)",
        "profile.sample = 0|Invalid profile.sample: 0, expected a number above 0, at most 1"
            + " (job.conf:5)",
        "profile.sample = 1.5|Invalid profile.sample: 1.5, expected a number from 0 to 1"
            + " (job.conf:5)",
        "profile.hot-rows = 0|Invalid profile.hot-rows: 0, expected a whole number of 1 or more, at"
            + " most 2147483647 (job.conf:5)",
        "backend = cpu, precision = bf16|Invalid precision: bf16, expected fp32 with backend = cpu"
            + " (job.conf:5)",
        "batch-size = many|Invalid batch-size: many, expected auto or a whole number of 1 or more,"
            + " at most 2147483647 (job.conf:5)",
        "batch-size = 0|Invalid batch-size: 0, expected auto or a whole number of 1 or more, at"
            + " most 2147483647 (job.conf:5)",
        "batch-size = null|Invalid batch-size: null, expected auto or a whole number of 1 or more,"
            + " at most 2147483647 (job.conf:5)",
        "model = [a]|Invalid model: [\"a\"], expected a text (job.conf:5)",
        "model = \"\"|Invalid model: nothing, expected a value for it in the config",
        "out-of-range = drop|Invalid out-of-range: drop, expected bad-row, empty or a row id of 0"
            + " or more (job.conf:5)",
        "out-of-range = -1|Invalid out-of-range: -1, expected bad-row, empty or a row id of 0 or"
            + " more (job.conf:5)",
        "features.s0.out-of-range = x|Invalid features.s0.out-of-range: x, expected bad-row, empty"
            + " or a row id of 0 or more (job.conf:5)",
        "bad-rows = skip|Invalid bad-rows: skip, expected fail, drop, null or quarantine"
            + " (job.conf:5)",
        "max-bad-fraction = 1.5|Invalid max-bad-fraction: 1.5, expected a number from 0 to 1"
            + " (job.conf:5)",
        "gates.psi = maybe|Invalid gates.psi: maybe, expected off, warn or fail (job.conf:5)",
        "gates.psi-limit = -1|Invalid gates.psi-limit: -1, expected a number of 0 or more"
            + " (job.conf:5)",
        "gates.saturated-limit = NaN|Invalid gates.saturated-limit: NaN, expected a number from 0"
            + " to 1 (job.conf:5)",
        "gates.duplicate-keys = warn|Invalid gates.key-columns: [], expected at least one column"
            + " with gates.duplicate-keys on (default)",
        "features.d0.null = x|Invalid features.d0.null: x, expected a number (job.conf:5)",
        "features.d0.null = 1e300|Invalid features.d0.null: 1.0E300, expected a number that is"
            + " finite as a float (job.conf:5)",
        "features.d0.transform = log|Invalid features.d0.transform: log, expected none or log1p"
            + " (job.conf:5)",
        "features.s0.hash-mod = 0|Invalid features.s0.hash-mod: 0, expected a whole number of 1 or"
            + " more, at most 2147483647 (job.conf:5)",
        "features.s0 { column = a, sql = b }|Invalid features.s0.sql: b, expected nothing beside"
            + " features.s0.column (job.conf:5)",
        "input.candidates = c|Invalid input.examples: data, expected nothing beside"
            + " input.candidates (job.conf:3)",
        "input.examples = \"\"|Invalid input: nothing, expected input.examples, or input.users,"
            + " input.items and input.candidates",
        "output.keep-columns = a|Invalid output.keep-columns: a, expected a list of column names"
            + " (job.conf:5)",
        "output.partition-by-run-date = 1|Invalid output.partition-by-run-date: 1, expected true or"
            + " false (job.conf:5)",
        "output.compression = brotli|Invalid output.compression: brotli, expected zstd, snappy,"
            + " gzip, lz4_raw or none (job.conf:5)",
        "output.max-rows-per-file = 0|Invalid output.max-rows-per-file: 0, expected a whole number"
            + " of 1 or more (job.conf:5)",
      })
  void aWrongValueIsNamedWithWhatWasExpected(String line, String message) {
    assertMessage(SMALLEST + line + "\n}", message);
  }

  @Test
  void brokenHoconSaysWhere() {
    assertThatThrownBy(() -> read("nightjar {\n  model = [\n"))
        .isInstanceOf(JobException.class)
        .hasMessageStartingWith(
            "Cannot read the config file:" + folder + "/job.conf: job.conf: 3:");
    assertMessage("x = 1", "Cannot read the config job.conf:1: it has no section nightjar { … }");
    assertMessage(
        "nightjar = 3", "Invalid nightjar: 3, expected a section nightjar { … } (job.conf:1)");
  }

  @Test
  void runDateIsAskedForWhereItIsUsed() throws IOException {
    write(SMALLEST + "}");
    assertThatThrownBy(() -> read(new SparkConf(false), Map.of(), Optional.empty()))
        .hasMessage(
            "Cannot partition the output by run date: there is no --run-date YYYY-MM-DD; give it,"
                + " or set output.partition-by-run-date = false");
    write(SMALLEST + "input.where = ${run-date}\n}");
    assertThatThrownBy(() -> read(new SparkConf(false), Map.of(), Optional.empty()))
        .hasMessage(
            "Cannot resolve the config: job.conf: 5: Could not resolve substitution to a value:"
                + " ${run-date}; ${run-date} needs --run-date YYYY-MM-DD");
  }

  @Test
  void overridesAreCheckedToo() throws IOException {
    write(SMALLEST + "}");
    assertThatThrownBy(() -> read(new SparkConf(false), Map.of("bachend", "cpu"), Optional.of(DAY)))
        .hasMessage("Invalid key: bachend, expected a known one such as backend (-D bachend)");
    assertThatThrownBy(
            () ->
                read(
                    new SparkConf(false).set("spark.nightjar.backend", "tpu"),
                    Map.of(),
                    Optional.of(DAY)))
        .hasMessage("Invalid backend: tpu, expected auto, cpu or cuda (spark.nightjar.backend)");
  }

  private void assertMessage(String text, String message) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(JobException.class)
        .hasMessage(message)
        .extracting(e -> ((JobException) e).exitCode())
        .isEqualTo(ExitCode.CONFIG);
  }

  private ScoringConf read(String text) throws IOException {
    return read(text, new SparkConf(false), Map.of());
  }

  private ScoringConf read(String text, SparkConf spark, Map<String, String> overrides)
      throws IOException {
    write(text);
    return read(spark, overrides, Optional.of(DAY));
  }

  private ScoringConf read(
      SparkConf spark, Map<String, String> overrides, Optional<LocalDate> runDate) {
    ConfigFile file =
        ConfigFile.read(folder.resolve("job.conf").toString(), spark, new Configuration());
    return ConfReader.read(Settings.of(file, overrides, spark, runDate), file, runDate);
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("job.conf"), text);
  }
}
