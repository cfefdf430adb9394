package io.nightjar.spark.job;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A Spark installation made of links to the jars that Maven resolved, and processes of it.
 *
 * @param folder what {@code SPARK_HOME} names
 */
record SparkHome(Path folder) {
  /** The job as it is shipped. */
  static final Path JOB_JAR = Path.of("target", "nightjar.jar").toAbsolutePath();

  /** Links the jars below {@code folder}. */
  static SparkHome link(Path folder) throws IOException {
    Path jars = Files.createDirectories(folder.resolve("jars"));
    String classPath = Files.readString(Path.of("target", "spark.classpath")).strip();
    for (String jar : List.of(classPath.split(File.pathSeparator, -1))) {
      Path file = Path.of(jar);
      Files.createSymbolicLink(jars.resolve(file.getFileName()), file);
    }
    return new SparkHome(folder);
  }

  /**
   * How a process ended.
   *
   * @param exit its exit code
   * @param out its standard output
   * @param err its standard error
   */
  record Ended(int exit, String out, String err) {}

  /** Runs {@code spark-submit} and waits for its end. */
  Ended submit(List<String> args) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "submit", ".out");
    Path err = Files.createTempFile(folder, "submit", ".err");
    List<String> all = new ArrayList<>(List.of("org.apache.spark.deploy.SparkSubmit"));
    all.addAll(args);
    Process process = start(all, Redirect.to(out.toFile()), Redirect.to(err.toFile()));
    if (!process.waitFor(10, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("Still running: " + Files.readString(err));
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Packs classes of the tests for other processes. */
  static Path jar(Path jar, Class<?>... classes) throws IOException {
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Class<?> type : classes) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (InputStream in = type.getResourceAsStream("/" + name)) {
          in.transferTo(out);
        }
        out.closeEntry();
      }
    }
    return jar;
  }

  /** Starts a daemon of Spark, whose log is to be read from its standard output. */
  Process daemon(String main, String... args) throws IOException {
    return start(Stream.concat(Stream.of(main), Stream.of(args)).toList(), Redirect.PIPE, null);
  }

  private Process start(List<String> mainAndArgs, Redirect out, Redirect err) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    // Short lives: what the second compiler takes, none of them gets back.
    command.addAll(List.of("-Xmx1g", "-XX:TieredStopAtLevel=1"));
    command.add("-cp");
    command.add(folder.resolve("jars") + File.separator + "*");
    command.addAll(mainAndArgs);
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out);
    if (err == null) {
      builder.redirectErrorStream(true);
    } else {
      builder.redirectError(err);
    }
    builder.directory(folder.toFile());
    builder.environment().put("SPARK_HOME", folder.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
    builder.environment().remove("SPARK_CONF_DIR");
    return builder.start();
  }
}
