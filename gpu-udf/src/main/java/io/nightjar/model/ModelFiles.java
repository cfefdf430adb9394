package io.nightjar.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The files of a model directory and the tensors in them. */
final class ModelFiles {
  static final String WEIGHTS = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private final List<String> files = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private ModelFiles() {}

  static ModelFiles read(ModelFolder folder) throws IOException {
    ModelFiles model = new ModelFiles();
    model.addText(folder, ModelJson.FILE);
    boolean sharded = folder.exists(INDEX);
    if (sharded == folder.exists(WEIGHTS)) {
      throw new InvalidModelException(
          "Invalid model directory %s: %s, expected %s or, for shards, %s"
              .formatted(
                  folder.location(),
                  sharded ? "both kinds of weights" : "no weights",
                  WEIGHTS,
                  INDEX));
    }
    if (sharded) {
      model.addShards(folder);
    } else {
      model.addTensors(folder, WEIGHTS);
    }
    return model;
  }

  /** Every file of the model, {@code model.json} first. */
  List<String> files() {
    return Collections.unmodifiableList(files);
  }

  /** What each file says of the model: {@code model.json}, the index if any, and the headers. */
  List<String> texts() {
    return Collections.unmodifiableList(texts);
  }

  /** Every tensor by its name without the wrappers' prefixes. */
  Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** What {@code model.json} says. */
  String modelJson() {
    return texts.get(0);
  }

  private void addText(ModelFolder folder, String file) throws IOException {
    if (!folder.exists(file)) {
      throw new InvalidModelException(
          "Invalid model directory %s: no %s, expected one".formatted(folder.location(), file));
    }
    try (InputStream in = folder.open(file)) {
      files.add(file);
      texts.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private void addShards(ModelFolder folder) throws IOException {
    addText(folder, INDEX);
    String index = folder.location() + "/" + INDEX;
    JsonNode map = JsonFields.parse(index, texts.get(texts.size() - 1)).path("weight_map");
    if (!map.isObject()) {
      throw new InvalidModelException(
          "Invalid weight_map in %s: %s, expected an object"
              .formatted(index, JsonFields.describe(map)));
    }
    Map<String, String> shardOf = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String shard = entry.getValue().asText();
      if (!shard.matches("[^/\\\\]+\\.safetensors") || !folder.exists(shard)) {
        throw new InvalidModelException(
            "Invalid shard of tensor %s in %s: %s, expected a safetensors file beside it"
                .formatted(entry.getKey(), index, entry.getValue()));
      }
      shardOf.put(entry.getKey(), shard);
    }
    for (String shard : new TreeSet<>(shardOf.values())) {
      for (TensorInfo tensor : addTensors(folder, shard)) {
        if (!shard.equals(shardOf.remove(tensor.name()))) {
          throw new InvalidModelException(
              "Invalid tensor %s in %s/%s: not there by %s, expected the file that weight_map names"
                  .formatted(tensor.name(), folder.location(), shard, INDEX));
        }
      }
    }
    shardOf.forEach(
        (tensor, shard) -> {
          throw new InvalidModelException(
              "Invalid tensor %s in %s/%s: missing, expected since %s names it"
                  .formatted(tensor, folder.location(), shard, INDEX));
        });
  }

  private List<TensorInfo> addTensors(ModelFolder folder, String file) throws IOException {
    Safetensors read = Safetensors.read(folder, file);
    files.add(file);
    texts.add(read.header());
    for (TensorInfo tensor : read.tensors()) {
      TensorInfo other = tensors.put(WeightNames.withoutPrefixes(tensor.name()), tensor);
      if (other != null) {
        throw new InvalidModelException(
            "Invalid tensor %s in %s/%s: the same as %s in %s once prefixes are dropped, expected one"
                .formatted(tensor.name(), folder.location(), file, other.name(), other.file()));
      }
    }
    return read.tensors();
  }
}
