package io.nightjar.spark.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkConf;

/**
 * The config of a run with every layer on top of the other: {@code -D}, then {@code
 * spark.nightjar.*}, then the file, then the defaults. Every value knows where it was said, and
 * every key is known.
 */
final class Settings {
  private static final String SECTION = "nightjar";
  private static final String SPARK_PREFIX = "spark.nightjar.";

  /** Spark's own: of {@code ScorerPool}, {@code LocalModels} and {@code GpuResources}. */
  private static final List<String> EXECUTOR_KEYS =
      List.of("scorers", "model-cache", "model-cache-versions", "device");

  private final Config config;

  private Settings(Config config) {
    this.config = config;
  }

  /**
   * Lays the layers.
   *
   * @throws JobException if one of them cannot be understood
   */
  static Settings of(
      ConfigFile file,
      Map<String, String> overrides,
      SparkConf spark,
      Optional<LocalDate> runDate) {
    Config said = section(file.content(), runDate);
    List<String> sparkKeys = new ArrayList<>();
    for (scala.Tuple2<String, String> entry : spark.getAllWithPrefix(SPARK_PREFIX)) {
      sparkKeys.add(entry._1());
    }
    sparkKeys.removeAll(EXECUTOR_KEYS);
    for (String key : sparkKeys) {
      said = with(said, key, spark.get(SPARK_PREFIX + key), SPARK_PREFIX + key);
    }
    for (Map.Entry<String, String> entry : overrides.entrySet()) {
      said = with(said, entry.getKey(), entry.getValue(), "-D " + entry.getKey());
    }
    refuseUnknownKeys(said);
    return new Settings(said.withFallback(defaults()));
  }

  /** The value of {@code key}, if it was said or has a default. */
  Optional<ConfigValue> get(ConfigKey key) {
    return get(key.path());
  }

  /** The value of {@code key} for one model input, if it was said or has a default. */
  Optional<ConfigValue> get(ConfigKey key, String input) {
    Optional<ConfigValue> said = get(ConfigUtil.joinPath("features", input, key.nameInFeature()));
    return said.isPresent() ? said : key.fallback().map(text -> value(text, "default"));
  }

  /** A null that was said is a value: {@code bad-rows = null}. */
  private Optional<ConfigValue> get(String path) {
    ConfigValue value = config.root();
    for (String part : ConfigUtil.splitPath(path)) {
      value = value instanceof ConfigObject object ? object.get(part) : null;
    }
    return Optional.ofNullable(value);
  }

  /** The model inputs that have an entry, sorted. */
  List<String> inputs() {
    return config.hasPath("features")
        ? config.getObject("features").keySet().stream().sorted().toList()
        : List.of();
  }

  /** Every value, sorted by key. */
  List<Setting> list() {
    List<Setting> list = new ArrayList<>();
    leaves(config.root())
        .forEach(
            (key, value) ->
                list.add(
                    new Setting(key, value.render(ConfigRenderOptions.concise()), origin(value))));
    return list;
  }

  /** Every value that is no section, nulls too, by its path. */
  private static SortedMap<String, ConfigValue> leaves(ConfigObject section) {
    SortedMap<String, ConfigValue> leaves = new TreeMap<>();
    section.forEach(
        (key, value) -> {
          String name = ConfigUtil.joinPath(key);
          if (value instanceof ConfigObject inner && !inner.isEmpty()) {
            leaves(inner).forEach((path, leaf) -> leaves.put(name + "." + path, leaf));
          } else {
            leaves.put(name, value);
          }
        });
    return leaves;
  }

  /**
   * Where {@code value} was said: {@code nightjar.conf:12}, {@code -D backend}, {@code default}.
   */
  private static String origin(ConfigValue value) {
    ConfigOrigin origin = value.origin();
    String line = ": " + origin.lineNumber();
    String text = origin.description();
    return origin.lineNumber() > 0 && text.endsWith(line)
        ? text.substring(0, text.length() - line.length()) + ":" + origin.lineNumber()
        : text;
  }

  private static Config section(Config file, Optional<LocalDate> runDate) {
    Config date =
        runDate
            .map(day -> ConfigFactory.parseMap(Map.of("run-date", day.toString()), "--run-date"))
            .orElseGet(ConfigFactory::empty);
    Config resolved;
    try {
      resolved = date.withFallback(file).resolve();
    } catch (ConfigException.UnresolvedSubstitution e) {
      String hint = runDate.isEmpty() ? "; ${run-date} needs --run-date YYYY-MM-DD" : "";
      throw new JobException(
          ExitCode.CONFIG, "Cannot resolve the config: " + e.getMessage() + hint, e);
    }
    if (!resolved.hasPath(SECTION)) {
      throw new JobException(
          ExitCode.CONFIG,
          "Cannot read the config " + origin(file.root()) + ": it has no section nightjar { … }");
    }
    ConfigValue section = resolved.getValue(SECTION);
    if (section instanceof ConfigObject object) {
      return object.toConfig();
    }
    throw invalid(SECTION, section, "a section nightjar { … }");
  }

  private static Config defaults() {
    Config defaults = ConfigFactory.empty();
    for (ConfigKey key : ConfigKey.values()) {
      if (!key.ofFeature() && key.fallback().isPresent()) {
        defaults = defaults.withValue(key.path(), value(key.fallback().get(), "default"));
      }
    }
    return defaults;
  }

  /** Text from a command line: lists and objects as HOCON, all else as it stands. */
  private static Config with(Config config, String key, String text, String origin) {
    try {
      ConfigValue value =
          text.startsWith("[") || text.startsWith("{")
              ? value(text, origin)
              : ConfigValueFactory.fromAnyRef(text, origin);
      return config.withValue(key, value);
    } catch (ConfigException e) {
      throw new JobException(ExitCode.CONFIG, "Cannot read " + origin + ": " + e.getMessage(), e);
    }
  }

  private static ConfigValue value(String hocon, String origin) {
    return ConfigFactory.parseString(
            "value = " + hocon, ConfigParseOptions.defaults().setOriginDescription(origin))
        .getValue("value")
        .withOrigin(ConfigOriginFactory.newSimple(origin));
  }

  private static void refuseUnknownKeys(Config said) {
    List<String> known = ConfigKey.paths();
    List<String> featureNames = ConfigKey.featureNames();
    for (Map.Entry<String, ConfigValue> entry : leaves(said.root()).entrySet()) {
      List<String> parts = ConfigUtil.splitPath(entry.getKey());
      boolean defaults = entry.getValue() instanceof ConfigObject && parts.size() < 3;
      if (!parts.get(0).equals("features")) {
        if (!known.contains(entry.getKey())) {
          throw unknown(entry.getKey(), entry.getValue(), ConfigKey.nearest(entry.getKey(), known));
        }
      } else if (!defaults && (parts.size() != 3 || !featureNames.contains(parts.get(2)))) {
        String input = parts.size() > 1 ? parts.get(1) : "<input>";
        String nearest = ConfigKey.nearest(parts.get(parts.size() - 1), featureNames);
        throw unknown(
            entry.getKey(), entry.getValue(), ConfigUtil.joinPath("features", input, nearest));
      }
    }
  }

  private static JobException unknown(String key, ConfigValue value, String nearest) {
    return new JobException(
        ExitCode.CONFIG,
        "Invalid key: "
            + key
            + ", expected a known one such as "
            + nearest
            + " ("
            + origin(value)
            + ")");
  }

  /** The form of every complaint about a value. */
  static JobException invalid(String key, ConfigValue value, String expected) {
    String shown =
        value.valueType() == ConfigValueType.STRING
            ? (String) value.unwrapped()
            : value.render(ConfigRenderOptions.concise());
    return new JobException(
        ExitCode.CONFIG,
        "Invalid " + key + ": " + shown + ", expected " + expected + " (" + origin(value) + ")");
  }
}
