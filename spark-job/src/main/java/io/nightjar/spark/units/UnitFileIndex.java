package io.nightjar.spark.units;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.FileStatusWithMetadata;
import org.apache.spark.sql.execution.datasources.PartitionDirectory;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The files of a table that a unit reads, with the table's own partition values. */
final class UnitFileIndex implements FileIndex {
  private final FileIndex table;
  private final Unit unit;
  private final Set<String> files = new HashSet<>();

  UnitFileIndex(FileIndex table, Unit unit) {
    this.table = table;
    this.unit = unit;
    unit.parts().forEach(part -> files.add(part.path()));
  }

  @Override
  public Seq<PartitionDirectory> listFiles(
      Seq<Expression> partitionFilters, Seq<Expression> dataFilters) {
    List<PartitionDirectory> ours = new ArrayList<>();
    for (PartitionDirectory folder :
        CollectionConverters.asJava(table.listFiles(partitionFilters, dataFilters))) {
      List<FileStatusWithMetadata> kept =
          CollectionConverters.asJava(folder.files()).stream()
              .filter(file -> files.contains(file.getPath().toString()))
              .toList();
      if (!kept.isEmpty()) {
        ours.add(new PartitionDirectory(folder.values(), seq(kept)));
      }
    }
    return seq(ours);
  }

  private static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  @Override
  public Seq<Path> rootPaths() {
    return table.rootPaths();
  }

  @Override
  public String[] inputFiles() {
    return files.stream().sorted().toArray(String[]::new);
  }

  @Override
  public void refresh() {
    table.refresh();
  }

  @Override
  public long sizeInBytes() {
    return unit.bytes();
  }

  @Override
  public StructType partitionSchema() {
    return table.partitionSchema();
  }
}
