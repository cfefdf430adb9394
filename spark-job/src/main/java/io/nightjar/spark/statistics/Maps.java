package io.nightjar.spark.statistics;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/** Sorted maps whose values add up. */
final class Maps {
  private Maps() {}

  /** A copy that nobody can change, and that can be serialized. */
  static <K, V> SortedMap<K, V> copy(Map<K, V> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** Every key of either map; {@code sum} makes one value of two. */
  static <K, V> SortedMap<K, V> merge(Map<K, V> one, Map<K, V> other, BinaryOperator<V> sum) {
    TreeMap<K, V> merged = new TreeMap<>(one);
    other.forEach((key, value) -> merged.merge(key, value, sum));
    return merged;
  }
}
