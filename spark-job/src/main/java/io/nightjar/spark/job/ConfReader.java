package io.nightjar.spark.job;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.nightjar.scorer.EmbeddingBagVariant;
import io.nightjar.scorer.Precision;
import io.nightjar.spark.metrics.MetricsTargets;
import io.nightjar.spark.spec.BackendChoice;
import io.nightjar.spark.spec.BadRows;
import io.nightjar.spark.spec.EmbeddingBagSpec;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import io.nightjar.spark.spec.ScoringSpec;
import io.nightjar.spark.spec.Transform;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
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
    BackendChoice backend = choice(ConfigKey.BACKEND, BackendChoice.values());
    Precision precision = choice(ConfigKey.PRECISION, Precision.values());
    if (backend == BackendChoice.CPU && precision != Precision.FP32) {
      throw invalid(ConfigKey.PRECISION, "fp32 with backend = cpu");
    }
    Map<String, FeatureSource> features = new LinkedHashMap<>();
    for (String input : settings.inputs()) {
      features.put(input, feature(input));
    }
    return new ScoringSpec(
        file.resolve(required(ConfigKey.MODEL)),
        Optional.empty(),
        backend,
        precision,
        embeddingBag(backend),
        batchSize(),
        features,
        outOfRange(
            ConfigKey.OUT_OF_RANGE.path(), settings.get(ConfigKey.OUT_OF_RANGE).orElseThrow()),
        choice(ConfigKey.BAD_ROWS, BadRows.values()),
        List.of(),
        required(ConfigKey.SCORE_COLUMN),
        text(ConfigKey.LOGIT_COLUMN));
  }

  private EmbeddingBagSpec embeddingBag(BackendChoice backend) {
    ConfigKey key = ConfigKey.EMBEDDING_BAG_VARIANT;
    EmbeddingBagVariant variant =
        EmbeddingBagVariant.named(required(key))
            .orElseThrow(() -> invalid(key, oneOf(EmbeddingBagVariant.names())));
    if (backend == BackendChoice.CPU && variant != EmbeddingBagVariant.AUTO) {
      throw invalid(key, "auto with backend = cpu");
    }
    boolean reorder = yes(ConfigKey.EMBEDDING_BAG_REORDER);
    if (reorder && variant.groupsIds()) {
      throw invalid(key, "another with embedding-bag.reorder = true");
    }
    EmbeddingBagSpec bags =
        new EmbeddingBagSpec(variant, reorder, path(ConfigKey.PROFILE_PATH).orElse(""));
    if (bags.needsProfile() && bags.profile().isEmpty()) {
      throw invalid(
          reorder ? ConfigKey.EMBEDDING_BAG_REORDER : key,
          "profile.path beside it, which says where hot rows are known");
    }
    return bags;
  }

  private ProfileConf profile() {
    double sample = decimal(ConfigKey.PROFILE_SAMPLE, 1);
    if (sample == 0) {
      throw invalid(ConfigKey.PROFILE_SAMPLE, "a number above 0, at most 1");
    }
    ConfigKey hot = ConfigKey.PROFILE_HOT_ROWS;
    return new ProfileConf(
        path(ConfigKey.PROFILE_PATH),
        sample,
        Math.toIntExact(whole(hot.path(), settings.get(hot).orElseThrow(), Integer.MAX_VALUE, "")));
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
      throw invalid(ConfigKey.EXAMPLES, "nothing beside " + other.get().path());
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
    boolean partitioned = yes(ConfigKey.PARTITION_BY_RUN_DATE);
    if (partitioned && runDate.isEmpty()) {
      throw new JobException(
          ExitCode.CONFIG,
          "Cannot partition the output by run date: there is no --run-date YYYY-MM-DD; give it, or"
              + " set output.partition-by-run-date = false");
    }
    String codec = required(ConfigKey.COMPRESSION);
    if (!CODECS.contains(codec)) {
      throw invalid(ConfigKey.COMPRESSION, oneOf(CODECS));
    }
    return new OutputConf(
        file.resolve(required(ConfigKey.OUTPUT_PATH)),
        text(ConfigKey.OUTPUT_TABLE),
        names(ConfigKey.KEEP_COLUMNS),
        partitioned ? runDate : Optional.empty(),
        codec,
        whole(
            ConfigKey.MAX_ROWS_PER_FILE.path(),
            settings.get(ConfigKey.MAX_ROWS_PER_FILE).orElseThrow(),
            Long.MAX_VALUE,
            ""),
        unitBytes(),
        yes(ConfigKey.ALLOW_EMPTY),
        duration(ConfigKey.LOCK_EXPIRY));
  }

  private MetricsTargets metrics() {
    Optional<URI> gateway = text(ConfigKey.PUSH_GATEWAY).map(this::gateway);
    Optional<Path> file = text(ConfigKey.TEXT_FILE).map(Path::of);
    if (file.isPresent() && !(file.get().isAbsolute() && file.get().toString().endsWith(".prom"))) {
      throw invalid(ConfigKey.TEXT_FILE, "an absolute path of this host that ends in .prom");
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
      JobException invalid = invalid(ConfigKey.PUSH_GATEWAY, expected);
      invalid.initCause(e);
      throw invalid;
    }
    throw invalid(ConfigKey.PUSH_GATEWAY, expected);
  }

  private FeatureSource feature(String input) {
    Optional<ConfigValue> column = settings.get(ConfigKey.COLUMN, input);
    Optional<ConfigValue> sql = settings.get(ConfigKey.SQL, input);
    if (column.isPresent() && sql.isPresent()) {
      throw Settings.invalid(
          name(ConfigKey.SQL, input), sql.get(), "nothing beside " + name(ConfigKey.COLUMN, input));
    }
    FeatureSource.Value value =
        sql.<FeatureSource.Value>map(
                text -> new FeatureSource.Sql(string(name(ConfigKey.SQL, input), text)))
            .orElseGet(
                () ->
                    new FeatureSource.Column(
                        quoted(
                            column
                                .map(text -> string(name(ConfigKey.COLUMN, input), text))
                                .orElse(input))));
    Optional<Double> nullValue =
        settings
            .get(ConfigKey.NULL, input)
            .map(number -> finite(name(ConfigKey.NULL, input), number));
    Optional<Long> hashMod =
        settings
            .get(ConfigKey.HASH_MOD, input)
            .map(n -> whole(name(ConfigKey.HASH_MOD, input), n, Integer.MAX_VALUE, ""));
    return new FeatureSource(
        value,
        nullValue.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        choice(
            name(ConfigKey.TRANSFORM, input),
            settings.get(ConfigKey.TRANSFORM, input).orElseThrow(),
            Transform.values()),
        hashMod.map(OptionalLong::of).orElseGet(OptionalLong::empty),
        settings
            .get(ConfigKey.FEATURE_OUT_OF_RANGE, input)
            .map(said -> outOfRange(name(ConfigKey.FEATURE_OUT_OF_RANGE, input), said)),
        Optional.empty());
  }

  /** A column's plain name as Spark's names are written, whatever characters are in it. */
  static String quoted(String column) {
    return QuotingUtils.quoteIfNeeded(column);
  }

  private static String name(ConfigKey key, String input) {
    return ConfigUtil.joinPath("features", input, key.nameInFeature());
  }

  private OptionalInt batchSize() {
    ConfigValue value = settings.get(ConfigKey.BATCH_SIZE).orElseThrow();
    return "auto".equals(value.unwrapped())
        ? OptionalInt.empty()
        : OptionalInt.of(
            Math.toIntExact(
                whole(ConfigKey.BATCH_SIZE.path(), value, Integer.MAX_VALUE, "auto or ")));
  }

  private static OutOfRange outOfRange(String key, ConfigValue value) {
    Object said = value.unwrapped();
    if ("bad-row".equals(said)) {
      return new OutOfRange.BadRow();
    }
    if ("empty".equals(said)) {
      return new OutOfRange.Empty();
    }
    String expected = "bad-row, empty or a row id of 0 or more";
    long id = integer(key, value, expected);
    if (id < 0) {
      throw Settings.invalid(key, value, expected);
    }
    return new OutOfRange.RowId(id);
  }

  <E extends Enum<E>> E choice(ConfigKey key, E[] values) {
    return choice(key.path(), settings.get(key).orElseThrow(), values);
  }

  private static <E extends Enum<E>> E choice(String key, ConfigValue said, E[] values) {
    Map<String, E> byName = new LinkedHashMap<>();
    for (E value : values) {
      byName.put(value.name().toLowerCase(Locale.ROOT), value);
    }
    // A bare null in HOCON is the word here, as bad-rows = null has it.
    E chosen = byName.get(String.valueOf(said.unwrapped()));
    if (chosen == null) {
      throw Settings.invalid(key, said, oneOf(List.copyOf(byName.keySet())));
    }
    return chosen;
  }

  private static String oneOf(List<String> names) {
    int last = names.size() - 1;
    return String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  private boolean yes(ConfigKey key) {
    ConfigValue value = settings.get(key).orElseThrow();
    return switch (String.valueOf(value.unwrapped())) {
      case "true" -> true;
      case "false" -> false;
      default -> throw Settings.invalid(key.path(), value, "true or false");
    };
  }

  private OptionalLong unitBytes() {
    ConfigValue value = settings.get(ConfigKey.UNIT_SIZE).orElseThrow();
    if ("auto".equals(value.unwrapped())) {
      return OptionalLong.empty();
    }
    String name = ConfigKey.UNIT_SIZE.name();
    try {
      return OptionalLong.of(Math.max(1, value.atKey(name).getBytes(name)));
    } catch (ConfigException e) {
      JobException invalid =
          Settings.invalid(ConfigKey.UNIT_SIZE.path(), value, "auto or a size such as 256 MiB");
      invalid.initCause(e);
      throw invalid;
    }
  }

  private Duration duration(ConfigKey key) {
    ConfigValue value = settings.get(key).orElseThrow();
    String expected = "a time of 1 s or more, such as 90s or 5 minutes";
    try {
      Duration duration = value.atKey(key.name()).getDuration(key.name());
      if (duration.compareTo(Duration.ofSeconds(1)) >= 0) {
        return duration;
      }
    } catch (ConfigException e) {
      JobException invalid = Settings.invalid(key.path(), value, expected);
      invalid.initCause(e);
      throw invalid;
    }
    throw Settings.invalid(key.path(), value, expected);
  }

  private static long whole(String key, ConfigValue value, long most, String otherwise) {
    String expected =
        otherwise
            + "a whole number of 1 or more"
            + (most == Long.MAX_VALUE ? "" : ", at most " + most);
    long number = integer(key, value, expected);
    if (number < 1 || number > most) {
      throw Settings.invalid(key, value, expected);
    }
    return number;
  }

  private static long integer(String key, ConfigValue value, String expected) {
    return parse(key, value, expected, Long::valueOf);
  }

  /** A number from 0 to {@code most}. */
  double decimal(ConfigKey key, double most) {
    ConfigValue value = settings.get(key).orElseThrow();
    String expected =
        most == Double.MAX_VALUE ? "a number of 0 or more" : "a number from 0 to " + (long) most;
    double number = parse(key.path(), value, expected, Double::valueOf);
    if (!(number >= 0 && number <= most)) {
      throw Settings.invalid(key.path(), value, expected);
    }
    return number;
  }

  /** A path, relative to the config file's folder; empty where none is said. */
  Optional<String> path(ConfigKey key) {
    return text(key).map(file::resolve);
  }

  private static double finite(String key, ConfigValue value) {
    double number = parse(key, value, "a number", Double::valueOf);
    if (!Float.isFinite((float) number)) {
      throw Settings.invalid(key, value, "a number that is finite as a float");
    }
    return number;
  }

  private static <N extends Number> N parse(
      String key, ConfigValue value, String expected, Function<String, N> parser) {
    boolean scalar =
        value.valueType() == ConfigValueType.NUMBER || value.valueType() == ConfigValueType.STRING;
    try {
      if (scalar) {
        return parser.apply(value.unwrapped().toString());
      }
    } catch (NumberFormatException e) {
      JobException invalid = Settings.invalid(key, value, expected);
      invalid.initCause(e);
      throw invalid;
    }
    throw Settings.invalid(key, value, expected);
  }

  List<String> names(ConfigKey key) {
    ConfigValue value = settings.get(key).orElseThrow();
    if (!(value instanceof ConfigList list)) {
      throw Settings.invalid(key.path(), value, "a list of column names");
    }
    List<String> names = new ArrayList<>();
    for (ConfigValue item : list) {
      names.add(string(key.path(), item));
    }
    return names;
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
        .map(value -> string(key.path(), value))
        .filter(text -> !text.isBlank());
  }

  private static String string(String key, ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> value.unwrapped().toString();
      default -> throw Settings.invalid(key, value, "a text");
    };
  }

  JobException invalid(ConfigKey key, String expected) {
    return Settings.invalid(key.path(), settings.get(key).orElseThrow(), expected);
  }
}
