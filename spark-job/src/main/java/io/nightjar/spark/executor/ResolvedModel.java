package io.nightjar.spark.executor;

import io.nightjar.model.InvalidModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/**
 * The model directory that a location means.
 *
 * <p>A location is one of three: a model directory; a folder of versions, each a folder, with a
 * text file {@value #POINTER} that holds the name of one; a directory of MLflow's that holds a
 * model directory somewhere in it. A version may be of MLflow's too. The driver resolves a location
 * once, so that a pointer that moves during a run moves the next run.
 *
 * @param folder the model directory; it need not be sound, nor be there
 * @param version the name of the version, or the id that MLflow gave it; empty where the location
 *     is the model directory itself
 */
public record ResolvedModel(HadoopModelFolder folder, Optional<String> version) {
  /** The file that says which version of a folder of versions is meant. */
  public static final String POINTER = "latest";

  private static final String MODEL = "model.json";
  private static final String MLFLOW = "MLmodel";

  /** Folders below that of MLflow's that are looked into: {@code artifacts/NAME}. */
  private static final int MLFLOW_DEPTH = 2;

  /** The keys by which MLflow's file names a model, the ones of its later versions first. */
  private static final List<String> MLFLOW_IDS = List.of("model_id", "model_uuid", "run_id");

  /**
   * Finds out what {@code location} means.
   *
   * @throws InvalidModelException if a pointer or a directory of MLflow's leads to no model
   * @throws UncheckedIOException if it cannot be read
   */
  public static ResolvedModel of(String location, Configuration conf) {
    HadoopModelFolder folder = HadoopModelFolder.at(location, conf);
    try {
      if (folder.exists(MODEL)) {
        return new ResolvedModel(folder, Optional.empty());
      } else if (folder.exists(POINTER)) {
        return latest(folder);
      } else if (folder.exists(MLFLOW)) {
        return new ResolvedModel(inMlflow(folder), mlflowId(folder));
      }
      return new ResolvedModel(folder, Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read model " + folder.location() + ": " + e, e);
    }
  }

  private static ResolvedModel latest(HadoopModelFolder versions) throws IOException {
    String pointer = versions.location() + "/" + POINTER;
    if (versions.isFolder(POINTER)) {
      throw new InvalidModelException(
          "Invalid pointer "
              + pointer
              + ": a folder, expected a text file with the name of a version beside it");
    }
    String name = text(versions, POINTER).strip();
    if (name.isEmpty() || name.startsWith(".") || name.matches("(?s).*[/\\\\\\s:].*")) {
      throw new InvalidModelException(
          "Invalid pointer " + pointer + ": \"" + name + "\", expected the name of a version");
    }
    if (!versions.isFolder(name)) {
      throw new InvalidModelException(
          "Invalid pointer " + pointer + ": " + name + ", expected a folder beside it");
    }
    HadoopModelFolder version = versions.child(name);
    boolean ours = version.exists(MODEL) || !version.exists(MLFLOW);
    return new ResolvedModel(ours ? version : inMlflow(version), Optional.of(name));
  }

  private static HadoopModelFolder inMlflow(HadoopModelFolder mlflow) throws IOException {
    List<HadoopModelFolder> found = new ArrayList<>();
    List<HadoopModelFolder> level = List.of(mlflow);
    for (int depth = 1; depth <= MLFLOW_DEPTH; depth++) {
      List<HadoopModelFolder> below = new ArrayList<>();
      for (HadoopModelFolder folder : level) {
        below.addAll(folder.children());
      }
      for (HadoopModelFolder folder : below) {
        if (folder.exists(MODEL)) {
          found.add(folder);
        }
      }
      level = below;
    }
    if (found.size() != 1) {
      throw new InvalidModelException(
          "Invalid MLflow model "
              + mlflow.location()
              + ": "
              + found.size()
              + " folders with a "
              + MODEL
              + " in it, expected one, as artifacts/NAME");
    }
    return found.get(0);
  }

  /** The id in MLflow's file, which is YAML with one plain value a line at its top level. */
  private static Optional<String> mlflowId(HadoopModelFolder mlflow) throws IOException {
    String yaml = text(mlflow, MLFLOW);
    return MLFLOW_IDS.stream()
        .flatMap(
            key -> Pattern.compile("(?m)^" + key + ": *['\"]?([\\w-]+)").matcher(yaml).results())
        .map((MatchResult match) -> match.group(1))
        .findFirst();
  }

  private static String text(HadoopModelFolder folder, String file) throws IOException {
    try (InputStream in = folder.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
