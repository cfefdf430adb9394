package io.nightjar.spark.plan;

import java.util.function.UnaryOperator;
import scala.PartialFunction;

/** A function on every node of a plan, where Catalyst wants a partial one. */
final class Rewrite<T> implements PartialFunction<T, T> {
  private final UnaryOperator<T> rewrite;

  Rewrite(UnaryOperator<T> rewrite) {
    this.rewrite = rewrite;
  }

  @Override
  public boolean isDefinedAt(T node) {
    return true;
  }

  @Override
  public T apply(T node) {
    return rewrite.apply(node);
  }
}
