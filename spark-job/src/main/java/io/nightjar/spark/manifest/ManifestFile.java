package io.nightjar.spark.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A {@link Manifest} as JSON, in the folder that it speaks of. */
public final class ManifestFile {
  /** Its name; the underscore hides it from Spark's and Hive's readers. */
  public static final String NAME = "_MANIFEST.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModules(new Jdk8Module(), new JavaTimeModule())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          // What a later version adds is not for this one to refuse.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private ManifestFile() {}

  /** Writes {@code manifest} into {@code folder}, in the place of one that is there. */
  public static void write(Manifest manifest, FileSystem files, Path folder) throws IOException {
    try (OutputStream out = files.create(new Path(folder, NAME), true)) {
      out.write(toJson(manifest).getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * The manifest in {@code folder}, if one is there.
   *
   * @throws IOException if it cannot be read or is no manifest
   */
  public static Optional<Manifest> read(FileSystem files, Path folder) throws IOException {
    Path file = new Path(folder, NAME);
    if (!files.exists(file)) {
      return Optional.empty();
    }
    try (InputStream in = files.open(file)) {
      return Optional.of(
          parse(file.toString(), new String(in.readAllBytes(), StandardCharsets.UTF_8)));
    }
  }

  /** The text of the file. */
  public static String toJson(Manifest manifest) {
    try {
      return JSON.writeValueAsString(manifest) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write a manifest as JSON: " + e, e);
    }
  }

  /**
   * The manifest that {@code json} is.
   *
   * @param source where it comes from, for messages
   * @throws IOException if it is none
   */
  public static Manifest parse(String source, String json) throws IOException {
    Manifest manifest;
    try {
      manifest = JSON.readValue(json, Manifest.class);
    } catch (JsonProcessingException e) {
      throw new IOException(
          "Cannot read the manifest " + source + ": " + e.getOriginalMessage(), e);
    }
    if (manifest == null || !Manifest.FORMAT.equals(manifest.format())) {
      throw new IOException(
          "Cannot read the manifest "
              + source
              + ": its format is "
              + (manifest == null ? null : manifest.format())
              + ", expected "
              + Manifest.FORMAT);
    }
    if (manifest.formatVersion() != Manifest.FORMAT_VERSION) {
      throw new IOException(
          "Cannot read the manifest "
              + source
              + ": its format version is "
              + manifest.formatVersion()
              + ", expected "
              + Manifest.FORMAT_VERSION);
    }
    return manifest;
  }
}
