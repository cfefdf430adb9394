package io.nightjar.spark.job;

import com.typesafe.config.ConfigUtil;
import io.nightjar.batch.Transform;
import io.nightjar.spark.spec.FeatureSource;
import io.nightjar.spark.spec.OutOfRange;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Reads where one input of the model comes from: {@code features.INPUT}. */
final class FeatureReader {
  private final Settings settings;
  private final String input;

  FeatureReader(Settings settings, String input) {
    this.settings = settings;
    this.input = input;
  }

  FeatureSource read() {
    Optional<Double> nullValue = value(ConfigKey.NULL).map(ConfValue::finite);
    Optional<Integer> hashMod =
        value(ConfigKey.HASH_MOD).map(said -> said.whole(Integer.MAX_VALUE));
    return new FeatureSource(
        source(),
        nullValue.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        value(ConfigKey.TRANSFORM).orElseThrow().choice(Transform.values()),
        hashMod.map(OptionalLong::of).orElseGet(OptionalLong::empty),
        value(ConfigKey.FEATURE_OUT_OF_RANGE).map(FeatureReader::outOfRange),
        value(ConfigKey.FEATURE_KEY).map(said -> ConfReader.quoted(said.text())));
  }

  private FeatureSource.Value source() {
    Optional<ConfValue> column = value(ConfigKey.COLUMN);
    Optional<ConfValue> sql = value(ConfigKey.SQL);
    if (column.isPresent() && sql.isPresent()) {
      throw sql.get().invalid("nothing beside " + column.get().key());
    }
    if (sql.isPresent()) {
      return new FeatureSource.Sql(sql.get().text());
    }
    return new FeatureSource.Column(ConfReader.quoted(column.map(ConfValue::text).orElse(input)));
  }

  /** What becomes of row ids that the table does not have. */
  static OutOfRange outOfRange(ConfValue said) {
    if (said.is("bad-row")) {
      return new OutOfRange.BadRow();
    }
    if (said.is("empty")) {
      return new OutOfRange.Empty();
    }
    return new OutOfRange.RowId(
        said.integer(0, Long.MAX_VALUE, "bad-row, empty or a row id of 0 or more"));
  }

  private Optional<ConfValue> value(ConfigKey key) {
    String name = ConfigUtil.joinPath("features", input, key.nameInFeature());
    return settings.get(key, input).map(said -> new ConfValue(name, said));
  }
}
