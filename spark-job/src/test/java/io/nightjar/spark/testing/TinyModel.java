package io.nightjar.spark.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Writes small models with any number of inputs: {@code d0 …} and {@code s0 …}. */
public final class TinyModel {
  private static final int DIM = 4;

  private TinyModel() {}

  /**
   * Writes a model whose score depends on each of its inputs.
   *
   * @param dense dense features, at least 1
   * @param sparse sparse features, at least 1, each with a table of its own
   * @param numEmbeddings rows of each table
   */
  public static Path write(Path folder, int dense, int sparse, int numEmbeddings) {
    List<String> denseNames = IntStream.range(0, dense).mapToObj(i -> "d" + i).toList();
    List<Map<String, Object>> features = new ArrayList<>();
    List<Map<String, Object>> tables = new ArrayList<>();
    Map<String, List<Integer>> tensors = new LinkedHashMap<>();
    for (int i = 0; i < sparse; i++) {
      String table = "emb_l." + i;
      features.add(Map.of("name", "s" + i, "table", table));
      tables.add(
          Map.of(
              "name", table,
              "num_embeddings", numEmbeddings,
              "embedding_dim", DIM,
              "pooling", "sum"));
      tensors.put(table + ".weight", List.of(numEmbeddings, DIM));
    }
    tensors.put("bot_l.0.weight", List.of(DIM, dense));
    tensors.put("bot_l.0.bias", List.of(DIM));
    tensors.put("top_l.0.weight", List.of(1, DIM * (sparse + 1)));
    tensors.put("top_l.0.bias", List.of(1));
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("format", "nightjar-dlrm");
    model.put("version", 1);
    model.put("name", "tiny");
    model.put("family", "dlrm");
    model.put("dense_features", denseNames);
    model.put("sparse_features", features);
    model.put("tables", tables);
    model.put("bottom_mlp", List.of(DIM));
    model.put("interaction", Map.of("type", "cat"));
    model.put("top_mlp", List.of(1));
    model.put("output", "sigmoid");
    try {
      Files.createDirectories(folder);
      new ObjectMapper().writeValue(folder.resolve("model.json").toFile(), model);
      Files.write(folder.resolve("model.safetensors"), safetensors(tensors));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] safetensors(Map<String, List<Integer>> tensors) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(7);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream values = new DataOutputStream(bytes);
    for (var tensor : tensors.entrySet()) {
      int start = values.size();
      int count = tensor.getValue().stream().reduce(1, Math::multiplyExact);
      for (int i = 0; i < count; i++) {
        // Positive, so that no ReLU hides an input.
        values.writeInt(
            Integer.reverseBytes(Float.floatToIntBits((float) random.nextDouble(0.05, 0.2))));
      }
      header.put(
          tensor.getKey(),
          Map.of(
              "dtype", "F32",
              "shape", tensor.getValue(),
              "data_offsets", List.of(start, values.size())));
    }
    byte[] json = new ObjectMapper().writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.writeLong(Long.reverseBytes(json.length));
    out.write(json);
    bytes.writeTo(out);
    return file.toByteArray();
  }
}
