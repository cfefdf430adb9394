package io.nightjar.spark.testing;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;

/** Runs a program in a process of its own, for what cannot be undone in this one. */
public final class ForkedJvm {
  private ForkedJvm() {}

  /**
   * Runs {@code main} with this process's class path and module options.
   *
   * @return the lines that it wrote to its standard output
   */
  public static List<String> run(Class<?> main, Path folder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = command("-Xmx1g");
    command.add(main.getName());
    command.addAll(List.of(arguments));
    Files.createDirectories(folder.resolve("home/jars"));
    File out = folder.resolve("out").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out)
            .redirectError(folder.resolve("err").toFile());
    // What workers want: they start executors with the class path of the test.
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    Process process = builder.start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("Still running: " + Files.readString(folder.resolve("err")));
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(
          "Exit code " + process.exitValue() + ": " + Files.readString(folder.resolve("err")));
    }
    return Files.readAllLines(out.toPath());
  }

  /** How to start Java as this process was, with {@code options}; the main class comes next. */
  public static List<String> command(String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-") || option.startsWith("-Djdk."))
        .forEach(command::add);
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", classPath()));
    return command;
  }

  /**
   * A session of the process that asks, whose executors are processes of their own.
   *
   * @param master such as {@code local-cluster[1,1,1024]}: workers, their cores and MiB
   */
  public static SparkSession.Builder cluster(String master) {
    return SparkSession.builder()
        .master(master)
        .config("spark.ui.enabled", false)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.executor.extraClassPath", classPath());
  }

  /** The class path of the tests; surefire hides it behind a jar with a manifest. */
  public static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
