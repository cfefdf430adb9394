package io.nightjar.spark.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What a scan reads of a file, field by field.
 *
 * @param projection the fields as the file has them
 * @param columns their columns, in the scan's order
 */
record NumberFields(MessageType projection, List<Field> columns) {

  /**
   * A field that can be read.
   *
   * @param column where its numbers are
   * @param type what they are
   * @param isList whether it is an array a row
   * @param nullableElements whether its elements may be null
   */
  record Field(
      ColumnDescriptor column, NumberType type, boolean isList, boolean nullableElements) {}

  /** Whether all that a scan reads, and that is something, are numbers and arrays of numbers. */
  static boolean canRead(StructType scan) {
    return scan.length() > 0
        && Stream.of(scan.fields()).allMatch(field -> numberOf(field.dataType()).isPresent());
  }

  private static Optional<NumberType> numberOf(DataType type) {
    return NumberType.of(type instanceof ArrayType array ? array.elementType() : type);
  }

  /**
   * Finds the fields of {@code scan} in a file. There are none where a field is missing, has
   * another name in other letters, or is not stored as Spark would store it: what that means is for
   * Spark to say.
   */
  static Optional<NumberFields> of(StructType scan, MessageType file) {
    List<Field> columns = new ArrayList<>();
    List<Type> fields = new ArrayList<>();
    for (StructField field : scan.fields()) {
      List<Type> named =
          file.getFields().stream()
              .filter(stored -> stored.getName().equalsIgnoreCase(field.name()))
              .toList();
      if (named.size() != 1 || !named.get(0).getName().equals(field.name())) {
        return Optional.empty();
      }
      Optional<Field> column = column(field.dataType(), named.get(0), file);
      if (column.isEmpty()) {
        return Optional.empty();
      }
      columns.add(column.get());
      fields.add(named.get(0));
    }
    return Optional.of(new NumberFields(new MessageType(file.getName(), fields), columns));
  }

  private static Optional<Field> column(DataType scanned, Type stored, MessageType file) {
    NumberType number = numberOf(scanned).orElseThrow();
    if (scanned instanceof ArrayType) {
      return element(stored)
          .filter(element -> isStored(number, element))
          .map(
              element -> {
                String[] path = {
                  stored.getName(), element.list().getName(), element.type().getName()
                };
                return new Field(
                    file.getColumnDescription(path), number, true, element.isNullable());
              });
    }
    return stored.isPrimitive()
            && !stored.isRepetition(Repetition.REPEATED)
            && number.isStoredAs(stored.asPrimitiveType())
        ? Optional.of(
            new Field(
                file.getColumnDescription(new String[] {stored.getName()}), number, false, false))
        : Optional.empty();
  }

  private static boolean isStored(NumberType number, Element element) {
    return element.type().isPrimitive() && number.isStoredAs(element.type().asPrimitiveType());
  }

  /** An element of a list, and the group that repeats it. */
  private record Element(Type list, Type type) {
    boolean isNullable() {
      return type.isRepetition(Repetition.OPTIONAL);
    }
  }

  /** The element of a list of three levels, the way to write lists that leaves nothing to guess. */
  private static Optional<Element> element(Type stored) {
    if (stored.isPrimitive()
        || stored.isRepetition(Repetition.REPEATED)
        || !LogicalTypeAnnotation.listType().equals(stored.getLogicalTypeAnnotation())) {
      return Optional.empty();
    }
    GroupType outer = stored.asGroupType();
    Type list = outer.getType(0);
    if (outer.getFieldCount() != 1
        || list.isPrimitive()
        || !list.isRepetition(Repetition.REPEATED)
        || !list.getName().equals("list")
        || list.asGroupType().getFieldCount() != 1) {
      return Optional.empty();
    }
    Type element = list.asGroupType().getType(0);
    return element.isRepetition(Repetition.REPEATED)
        ? Optional.empty()
        : Optional.of(new Element(list, element));
  }

  /** Readers of the columns, for batches of up to {@code capacity} rows. */
  List<NumberColumn> open(int capacity) {
    return columns.stream().<NumberColumn>map(field -> open(field, capacity)).toList();
  }

  private static NumberColumn open(Field field, int capacity) {
    return field.isList()
        ? new ListColumn(field.column(), field.type(), field.nullableElements(), capacity)
        : new FlatColumn(field.column(), field.type(), capacity);
  }
}
