package io.nightjar.spark.plan;

import io.nightjar.spark.executor.ScoreProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeSet;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * What the logical and the physical nodes share, and the crossing between Java's and Scala's lists.
 */
final class PlanNodes {
  private PlanNodes() {}

  static <T> Seq<T> seq(T only) {
    return seq(List.of(only));
  }

  static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  static <T> List<T> list(scala.collection.Seq<T> seq) {
    return CollectionConverters.asJava(seq);
  }

  static <T> Seq<T> concat(Seq<T> first, Seq<T> second) {
    List<T> all = new ArrayList<>(list(first));
    all.addAll(list(second));
    return seq(all);
  }

  /** The same columns, which may be null from here on. */
  static Seq<Attribute> nullable(Seq<Attribute> attributes) {
    return seq(list(attributes).stream().map(column -> column.withNullability(true)).toList());
  }

  /** Where {@code attribute} lies among {@code available}. */
  static int ordinal(Attribute attribute, Seq<Attribute> available) {
    List<Attribute> columns = list(available);
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).exprId().equals(attribute.exprId())) {
        return i;
      }
    }
    throw new IllegalStateException(
        "Cannot execute: the child gives no column " + attribute + ", only " + columns);
  }

  /** {@code attribute} under its own name. */
  static NamedExpression alias(Attribute attribute) {
    return new Alias(
        attribute,
        attribute.name(),
        NamedExpression.newExprId(),
        seq(List.of()),
        Option.empty(),
        seq(List.of()));
  }

  static AttributeSet attributeSet(Seq<Attribute> attributes) {
    return AttributeSet.fromAttributeSets(
        seq(list(attributes).stream().map(AttributeSet::apply).toList()));
  }

  /** {@code [model, backend, precision, inputs …]}, as {@code EXPLAIN} prints it. */
  static Iterator<Object> describe(ScoreProgram program, Seq<Attribute> inputs) {
    List<Object> words = new ArrayList<>();
    words.add(program.modelName());
    words.add(program.model().backend().name().toLowerCase(Locale.ROOT));
    words.add(program.model().precision().name().toLowerCase(Locale.ROOT));
    words.addAll(list(inputs));
    return inBrackets(words);
  }

  /** {@code [table, key, table's key]}, as {@code EXPLAIN} prints it. */
  static Iterator<Object> describe(String table, Attribute key, Attribute tableKey) {
    return inBrackets(List.of(table, key, tableKey));
  }

  private static Iterator<Object> inBrackets(List<Object> words) {
    return seq((Object) seq(words)).iterator();
  }
}
