package io.nightjar.spark.job;

import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.metrics.MetricsTargets;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.ScoringSpec;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.spark.sql.catalyst.util.QuotingUtils;

/** Reads {@link Settings}: types, ranges, and keys that do not go together. */
final class ConfReader {
  private static final List<String> CODECS = List.of("zstd", "snappy", "gzip", "lz4_raw", "none");

  private final Settings settings;
  private final ConfigFile file;

  private ConfReader(Settings settings, ConfigFile file) {
    this.settings = settings;
    this.file = file;
  }

  /**
   * Reads the whole config.
   *
   * @throws JobException naming the key, its value, what was expected and where it was said
   */
  static ScoringConf read(Settings settings, ConfigFile file, Optional<LocalDate> runDate) {
    ConfReader reader = new ConfReader(settings, file);
    ScoringSpec spec = reader.spec();
    OutputConf output = reader.output(runDate);
    SafetyConf safety =
        new SafetyReader(reader).read(output.path(), spec.badRows() == BadRows.QUARANTINE);
    return new ScoringConf(
        reader.input(), spec, output, reader.metrics(), safety, reader.profile(), settings.list());
  }

  private ScoringSpec spec() {
    BackendChoice backend = value(ConfigKey.BACKEND).choice(BackendChoice.values());
    Precision precision = value(ConfigKey.PRECISION).choice(Precision.values());
    if (backend == BackendChoice.CPU && precision != Precision.FP32) {
      throw value(ConfigKey.PRECISION).invalid("fp32 with backend = cpu");
    }
    Map<String, FeatureSource> features = new LinkedHashMap<>();
    for (String input : settings.inputs()) {
      features.put(input, new FeatureReader(settings, input).read());
    }
    return new ScoringSpec(
        file.resolve(required(ConfigKey.MODEL)),
        Optional.empty(),
        backend,
        precision,
        embeddingBag(backend),
        batchSize(),
        features,
        FeatureReader.outOfRange(value(ConfigKey.OUT_OF_RANGE)),
        value(ConfigKey.BAD_ROWS).choice(BadRows.values()),
        List.of(),
        required(ConfigKey.SCORE_COLUMN),
        text(ConfigKey.LOGIT_COLUMN));
  }

  private EmbeddingBagSpec embeddingBag(BackendChoice backend) {
    ConfigKey key = ConfigKey.EMBEDDING_BAG_VARIANT;
    EmbeddingBagVariant variant =
        EmbeddingBagVariant.named(required(key))
            .orElseThrow(() -> value(key).invalid(ConfValue.oneOf(EmbeddingBagVariant.names())));
    if (backend == BackendChoice.CPU && variant != EmbeddingBagVariant.AUTO) {
      throw value(key).invalid("auto with backend = cpu");
    }
    boolean reorder = value(ConfigKey.EMBEDDING_BAG_REORDER).yes();
    if (reorder && variant.groupsIds()) {
      throw value(key).invalid("another with embedding-bag.reorder = true");
    }
    EmbeddingBagSpec bags =
        new EmbeddingBagSpec(variant, reorder, path(ConfigKey.PROFILE_PATH).orElse(""));
    if (bags.needsProfile() && bags.profile().isEmpty()) {
      throw value(reorder ? ConfigKey.EMBEDDING_BAG_REORDER : key)
          .invalid("profile.path beside it, which says where hot rows are known");
    }
    return bags;
  }

  private ProfileConf profile() {
    double sample = value(ConfigKey.PROFILE_SAMPLE).decimal(1);
    if (sample == 0) {
      throw value(ConfigKey.PROFILE_SAMPLE).invalid("a number above 0, at most 1");
    }
    return new ProfileConf(
        path(ConfigKey.PROFILE_PATH),
        sample,
        value(ConfigKey.PROFILE_HOT_ROWS).whole(Integer.MAX_VALUE));
  }

  private InputConf input() {
    List<ConfigKey> joined =
        List.of(
            ConfigKey.USERS_PATH,
            ConfigKey.USERS_KEY,
            ConfigKey.ITEMS_PATH,
            ConfigKey.ITEMS_KEY,
            ConfigKey.CANDIDATES);
    Optional<String> examples = text(ConfigKey.EXAMPLES);
    Optional<ConfigKey> other = joined.stream().filter(key -> text(key).isPresent()).findFirst();
    Optional<String> where = text(ConfigKey.WHERE);
    if (examples.isPresent() && other.isPresent()) {
      throw value(ConfigKey.EXAMPLES).invalid("nothing beside " + other.get().path());
    }
    if (examples.isPresent()) {
      return new InputConf(new InputConf.Examples(file.resolve(examples.get())), where);
    }
    if (other.isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Invalid input: nothing, expected input.examples, or input.users, input.items and"
              + " input.candidates");
    }
    InputConf.KeyedTable users =
        new InputConf.KeyedTable(
            "users", file.resolve(required(ConfigKey.USERS_PATH)), required(ConfigKey.USERS_KEY));
    InputConf.KeyedTable items =
        new InputConf.KeyedTable(
            "items", file.resolve(required(ConfigKey.ITEMS_PATH)), required(ConfigKey.ITEMS_KEY));
    return new InputConf(
        new InputConf.Candidates(users, items, file.resolve(required(ConfigKey.CANDIDATES))),
        where);
  }

  private OutputConf output(Optional<LocalDate> runDate) {
    boolean partitioned = value(ConfigKey.PARTITION_BY_RUN_DATE).yes();
    if (partitioned && runDate.isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Cannot partition the output by run date: there is no --run-date YYYY-MM-DD; give it, or"
              + " set output.partition-by-run-date = false");
    }
    String codec = required(ConfigKey.COMPRESSION);
    if (!CODECS.contains(codec)) {
      throw value(ConfigKey.COMPRESSION).invalid(ConfValue.oneOf(CODECS));
    }
    return new OutputConf(
        file.resolve(required(ConfigKey.OUTPUT_PATH)),
        text(ConfigKey.OUTPUT_TABLE),
        value(ConfigKey.KEEP_COLUMNS).names(),
        partitioned ? runDate : Optional.empty(),
        codec,
        value(ConfigKey.MAX_ROWS_PER_FILE).whole(Long.MAX_VALUE, "a whole number of 1 or more"),
        unitBytes(),
        value(ConfigKey.ALLOW_EMPTY).yes(),
        value(ConfigKey.LOCK_EXPIRY).duration());
  }

  private MetricsTargets metrics() {
    Optional<URI> gateway = text(ConfigKey.PUSH_GATEWAY).map(this::gateway);
    Optional<Path> file = text(ConfigKey.TEXT_FILE).map(Path::of);
    if (file.isPresent() && !(file.get().isAbsolute() && file.get().toString().endsWith(".prom"))) {
      throw value(ConfigKey.TEXT_FILE).invalid("an absolute path of this host that ends in .prom");
    }
    return new MetricsTargets(gateway, file);
  }

  private URI gateway(String url) {
    String expected = "a URL such as http://host:9091/metrics/job/ctr";
    try {
      URI uri = new URI(url);
      if (List.of("http", "https").contains(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw value(ConfigKey.PUSH_GATEWAY).invalid(expected, e);
    }
    throw value(ConfigKey.PUSH_GATEWAY).invalid(expected);
  }

  /** A column's plain name as Spark's names are written, whatever characters are in it. */
  static String quoted(String column) {
    return QuotingUtils.quoteIfNeeded(column);
  }

  private OptionalInt batchSize() {
    ConfValue said = value(ConfigKey.BATCH_SIZE);
    int most = Integer.MAX_VALUE;
    return said.is("auto")
        ? OptionalInt.empty()
        : OptionalInt.of(
            Math.toIntExact(
                said.whole(most, "auto or a whole number of 1 or more, at most " + most)));
  }

  private OptionalLong unitBytes() {
    ConfValue said = value(ConfigKey.UNIT_SIZE);
    return said.is("auto")
        ? OptionalLong.empty()
        : OptionalLong.of(said.bytes("auto or a size such as 256 MiB"));
  }

  /** The value of a key that has a default or that is known to have been said. */
  ConfValue value(ConfigKey key) {
    return new ConfValue(key.path(), settings.get(key).orElseThrow());
  }

  /** A path, relative to the config file's folder; empty where none is said. */
  Optional<String> path(ConfigKey key) {
    return text(key).map(file::resolve);
  }

  private String required(ConfigKey key) {
    return text(key)
        .orElseThrow(
            () ->
                new JobException(
                    ExitCode.CONFIG,
                    "Invalid " + key.path() + ": nothing, expected a value for it in the config"));
  }

  private Optional<String> text(ConfigKey key) {
    return settings
        .get(key)
        .map(said -> new ConfValue(key.path(), said).text())
        .filter(text -> !text.isBlank());
  }
}
