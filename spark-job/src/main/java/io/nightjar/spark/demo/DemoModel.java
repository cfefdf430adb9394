package io.nightjar.spark.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nightjar.spark.demo.DemoFeatures.Sparse;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A DLRM over the demo's features, in the layout of facebookresearch/dlrm. Its weights are drawn
 * from a seed, not trained: the scores show that scoring works, not what people buy.
 */
final class DemoModel {
  private static final int DIM = 16;
  private static final List<Integer> BOTTOM = List.of(64, DIM);
  private static final List<Integer> TOP = List.of(64, 32, 1);
  private static final long SEED = 20_241_022;

  private record Tensor(String name, List<Integer> shape, double deviation, double mean) {
    int size() {
      int size = 1;
      for (int dim : shape) {
        size *= dim;
      }
      return size;
    }
  }

  private DemoModel() {}

  /** Writes {@code model.json} and {@code model.safetensors} into {@code folder}. */
  static void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(folder.resolve("model.json").toFile(), description());
    writeSafetensors(folder.resolve("model.safetensors"), tensors());
  }

  private static Map<String, Object> description() {
    List<Map<String, Object>> sparse = new ArrayList<>();
    List<Map<String, Object>> tables = new ArrayList<>();
    for (Sparse feature : DemoFeatures.SPARSE) {
      String table = "emb_l." + tables.size();
      sparse.add(Map.of("name", feature.name(), "table", table));
      Map<String, Object> shape = new LinkedHashMap<>();
      shape.put("name", table);
      shape.put("num_embeddings", feature.rows());
      shape.put("embedding_dim", DIM);
      shape.put("pooling", feature.most() == 1 ? "sum" : "mean");
      tables.add(shape);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("format", "nightjar-dlrm");
    model.put("version", 1);
    model.put("name", "demo");
    model.put("family", "dlrm");
    model.put("dense_features", DemoFeatures.DENSE.stream().map(DemoFeatures.Dense::name).toList());
    model.put("sparse_features", sparse);
    model.put("tables", tables);
    model.put("bottom_mlp", BOTTOM);
    model.put("interaction", Map.of("type", "dot", "pairs", "lower"));
    model.put("top_mlp", TOP);
    model.put("output", "sigmoid");
    return model;
  }

  private static List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>();
    for (Sparse feature : DemoFeatures.SPARSE) {
      List<Integer> shape = List.of(feature.rows(), DIM);
      tensors.add(new Tensor("emb_l." + tensors.size() + ".weight", shape, 0.5, 0));
    }
    int vectors = DemoFeatures.SPARSE.size() + 1;
    addMlp(tensors, "bot_l", DemoFeatures.DENSE.size(), BOTTOM);
    addMlp(tensors, "top_l", DIM + vectors * (vectors - 1) / 2, TOP);
    return tensors;
  }

  private static void addMlp(List<Tensor> tensors, String name, int inputs, List<Integer> outputs) {
    int in = inputs;
    for (int layer = 0; layer < outputs.size(); layer++) {
      int out = outputs.get(layer);
      String prefix = name + "." + 2 * layer;
      // Keeps the spread of values from layer to layer (He et al., arXiv 1502.01852); the logit
      // leans to "no", as click-through does.
      tensors.add(new Tensor(prefix + ".weight", List.of(out, in), Math.sqrt(2.0 / in), 0));
      tensors.add(new Tensor(prefix + ".bias", List.of(out), 0.05, out == 1 ? -1.5 : 0));
      in = out;
    }
  }

  private static void writeSafetensors(Path file, List<Tensor> tensors) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    long offset = 0;
    for (Tensor tensor : tensors) {
      long end = offset + 4L * tensor.size();
      header.put(
          tensor.name(),
          Map.of("dtype", "F32", "shape", tensor.shape(), "data_offsets", List.of(offset, end)));
      offset = end;
    }
    byte[] json = new ObjectMapper().writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    SplittableRandom random = new SplittableRandom(SEED);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
      out.writeLong(Long.reverseBytes(json.length));
      out.write(json);
      ByteBuffer values = ByteBuffer.allocate(4 * DIM).order(ByteOrder.LITTLE_ENDIAN);
      for (Tensor tensor : tensors) {
        for (int i = 0; i < tensor.size(); i++) {
          values.putFloat((float) (random.nextGaussian() * tensor.deviation() + tensor.mean()));
          if (!values.hasRemaining() || i == tensor.size() - 1) {
            out.write(values.array(), 0, values.position());
            values.clear();
          }
        }
      }
    }
  }
}
