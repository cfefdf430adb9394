package io.nightjar.spark.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;

/**
 * The user's config file, wherever it is: a local file, a Hadoop path, or the name of a file that
 * {@code spark-submit --files} carried.
 *
 * @param content what it says, includes taken in, substitutions not yet resolved
 * @param folder what its relative paths are relative to; a Hadoop path
 */
record ConfigFile(Config content, Path folder) {

  /**
   * Reads it.
   *
   * @throws JobException if it cannot be read or is no HOCON
   */
  static ConfigFile read(String name, SparkConf spark, Configuration hadoop) {
    Optional<Path> carried = carried(name, spark);
    Path path = carried.orElseGet(() -> local(name));
    // On YARN the carried file lies in the driver's working folder, and its source on another host.
    boolean elsewhere = carried.isPresent() && Files.exists(java.nio.file.Path.of(name));
    return new ConfigFile(parse(elsewhere ? local(name) : path, hadoop), path.getParent());
  }

  /**
   * {@code value} as Spark and Hadoop should see it: what is relative is relative to the folder.
   */
  String resolve(String value) {
    Path path = new Path(value);
    return path.isAbsolute() || path.toUri().getScheme() != null
        ? value
        : new Path(folder, path).toString();
  }

  /** Where {@code --files} took {@code name} from. */
  private static Optional<Path> carried(String name, SparkConf spark) {
    return Stream.of("spark.files", "spark.yarn.dist.files")
        .flatMap(key -> Arrays.stream(spark.get(key, "").split(",")))
        .filter(file -> !file.isBlank())
        .map(file -> new Path(file.strip()))
        .filter(file -> file.getName().equals(name))
        .findFirst();
  }

  /** A path without a scheme is a local one: it was typed at a prompt. */
  private static Path local(String name) {
    Path path = new Path(name);
    return path.toUri().getScheme() != null
        ? path
        : new Path(java.nio.file.Path.of(name).toAbsolutePath().normalize().toUri());
  }

  private static Config parse(Path path, Configuration hadoop) {
    String text;
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      throw new JobException(
          ExitCode.CONFIG, "Cannot read the config: " + path + " does not exist", e);
    } catch (IOException e) {
      throw new JobException(
          ExitCode.CONFIG, "Cannot read the config " + path + ": " + e.getMessage(), e);
    }
    try {
      return ConfigFactory.parseString(
          text,
          ConfigParseOptions.defaults()
              .setOriginDescription(path.getName())
              .setIncluder(new FolderIncluder(path.getParent(), hadoop)));
    } catch (ConfigException e) {
      throw new JobException(
          ExitCode.CONFIG, "Cannot read the config " + path + ": " + e.getMessage(), e);
    }
  }

  /** Takes {@code include "name"} from the config's own folder; a missing one is an error. */
  private record FolderIncluder(Path folder, Configuration hadoop) implements ConfigIncluder {
    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      return parse(new Path(folder, what), hadoop).root();
    }
  }
}
