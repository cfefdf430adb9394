package io.nightjar.spark.spec;

import io.nightjar.batch.Transform;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Where the values of one model input come from.
 *
 * @param value a column or an expression
 * @param nullValue dense features: what stands for null; without it a null is a bad row
 * @param transform dense features: applied after {@code nullValue}
 * @param hashMod sparse features: take Spark's {@code xxhash64} of the value, modulo this number,
 *     as row id; null stays an empty bag
 * @param outOfRange sparse features: overrides {@link ScoringSpec#outOfRange}
 * @param key column, named as Spark resolves names, that decides the value: rows in which it is the
 *     same have the same value, which is then read once for many of them; empty if there is none
 */
public record FeatureSource(
    Value value,
    OptionalDouble nullValue,
    Transform transform,
    OptionalLong hashMod,
    Optional<OutOfRange> outOfRange,
    Optional<String> key) {

  /** The raw value before any of the above. */
  public sealed interface Value {}

  /** A column of the input, named as Spark resolves names. */
  public record Column(String name) implements Value {}

  /** A Spark SQL expression over the input; it makes the plan give rows instead of columns. */
  public record Sql(String expression) implements Value {}

  /** The column {@code name}, as it is. */
  public static FeatureSource column(String name) {
    return new FeatureSource(
        new Column(name),
        OptionalDouble.empty(),
        Transform.NONE,
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** The value of a Spark SQL expression, as it is. */
  public static FeatureSource sql(String expression) {
    return new FeatureSource(
        new Sql(expression),
        OptionalDouble.empty(),
        Transform.NONE,
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** This source with {@code other} in place of null. */
  public FeatureSource withNullValue(double other) {
    return new FeatureSource(value, OptionalDouble.of(other), transform, hashMod, outOfRange, key);
  }

  /** This source with another transform. */
  public FeatureSource withTransform(Transform other) {
    return new FeatureSource(value, nullValue, other, hashMod, outOfRange, key);
  }

  /** This source, hashed into {@code rows} row ids. */
  public FeatureSource withHashMod(long rows) {
    return new FeatureSource(value, nullValue, transform, OptionalLong.of(rows), outOfRange, key);
  }

  /** This source with a meaning of its own for row ids outside the table. */
  public FeatureSource withOutOfRange(OutOfRange meaning) {
    return new FeatureSource(value, nullValue, transform, hashMod, Optional.of(meaning), key);
  }

  /** This source, whose value is that of the key in {@code column}. */
  public FeatureSource withKey(String column) {
    return new FeatureSource(value, nullValue, transform, hashMod, outOfRange, Optional.of(column));
  }
}
