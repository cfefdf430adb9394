package io.nightjar.spark.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the demo's data, model and config files in a folder; run through spark-submit. */
@Command(name = "demo", description = "Makes a data set, a model and config files to score.")
public final class Demo implements Callable<Integer> {

  @Option(
      names = "--rows",
      defaultValue = "1000000",
      description = "Pairs to score (default: ${DEFAULT-VALUE}).")
  private long rows;

  @Option(
      names = "--dir",
      defaultValue = "nightjar-demo",
      description = "Folder to make it in (default: ${DEFAULT-VALUE}).")
  private Path folder;

  private Demo() {}

  /** Entry point of {@code spark-submit}; ends the process with 2 for wrong arguments. */
  public static void main(String[] args) {
    int code = new CommandLine(new Demo()).execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (rows < 1) {
      System.err.println("nightjar: error: Invalid --rows: " + rows + ", expected 1 or more");
      return 2;
    }
    Path root = folder.toAbsolutePath().normalize();
    Files.createDirectories(root);
    System.out.printf("Making %,d pairs in %s%n", rows, root);
    DemoModel.write(root.resolve("model"));
    DemoConfig.write(root);
    try (SparkSession spark =
        SparkSession.builder()
            .appName("nightjar demo")
            .config("spark.sql.debug.maxToStringFields", 200)
            .getOrCreate()) {
      DemoData data = DemoData.plan(spark, rows);
      write(data.users(), root.resolve("data/users"));
      write(data.items(), root.resolve("data/items"));
      write(data.candidates(), root.resolve("data/candidates"));
      write(data.examples(), root.resolve("data/examples"));
    }
    return 0;
  }

  private static void write(Dataset<Row> table, Path path) {
    System.out.printf("  %s%n", path.getFileName());
    table.write().mode(SaveMode.Overwrite).parquet(path.toUri().toString());
  }
}
