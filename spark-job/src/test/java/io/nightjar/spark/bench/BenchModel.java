package io.nightjar.spark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A model that scores the sets: 26 tables of bf16 rows, 128 wide, under fp32 layers; all random.
 *
 * @param name which one it is
 * @param bottom widths of the bottom MLP
 * @param top widths of the top MLP
 */
record BenchModel(String name, List<Integer> bottom, List<Integer> top) {
  /** 4.9 MFLOP a sample. */
  private static final BenchModel WHOLE =
      new BenchModel("whole", List.of(512, 256, 128), List.of(1024, 1024, 512, 256, 1));

  /** The same tables under layers that a CPU gets through, too: 0.5 MFLOP a sample. */
  private static final BenchModel NARROW =
      new BenchModel("narrow", List.of(128), List.of(256, 128, 1));

  private static final int DIM = 128;
  private static final int CHUNK = 1 << 20;
  private static final String TABLES = "tables.safetensors";
  private static final String LAYERS = "layers.safetensors";
  private static final StandardOpenOption[] NEW = {
    StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE
  };

  /** The model of that name. */
  static BenchModel of(String name) {
    return Stream.of(WHOLE, NARROW)
        .filter(model -> model.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid --model: " + name + ", expected whole or narrow"));
  }

  /**
   * A tensor of its files.
   *
   * @param name as in the layout of facebookresearch/dlrm
   * @param spread of its values, which are uniform: He et al. (arXiv 1502.01852) for layers
   */
  private record Tensor(String name, List<Integer> shape, double spread) {
    long size() {
      return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }
  }

  /** Its folder below that of the sets, made now where it is not there. */
  Path in(Path folder, int tableRows) throws IOException {
    Path model = folder.resolve("model-" + name);
    if (Files.exists(model.resolve("model.json"))) {
      return model;
    }
    Files.createDirectories(model);
    List<Tensor> tables =
        IntStream.range(0, BenchSet.SPARSE)
            .mapToObj(
                i ->
                    new Tensor(
                        "emb_l." + i + ".weight", List.of(tableRows, DIM), Math.sqrt(3.0 / DIM)))
            .toList();
    Path shared = folder.resolve(TABLES);
    if (!Files.exists(shared)) {
      write(shared, tables, "BF16", Short.BYTES);
    }
    Files.createLink(model.resolve(TABLES), shared);
    write(model.resolve(LAYERS), layers(), "F32", Float.BYTES);
    Map<String, String> files = new LinkedHashMap<>();
    tables.forEach(tensor -> files.put(tensor.name(), TABLES));
    layers().forEach(tensor -> files.put(tensor.name(), LAYERS));
    ObjectMapper json = new ObjectMapper();
    json.writeValue(
        model.resolve("model.safetensors.index.json").toFile(),
        Map.of("metadata", Map.of(), "weight_map", files));
    // Last: who finds it finds all of it.
    json.writeValue(model.resolve("model.json").toFile(), description(tableRows));
    return model;
  }

  private Map<String, Object> description(int tableRows) {
    List<Map<String, Object>> sparse = new ArrayList<>();
    List<Map<String, Object>> tables = new ArrayList<>();
    for (int i = 0; i < BenchSet.SPARSE; i++) {
      String table = "emb_l." + i;
      sparse.add(Map.of("name", "s" + i, "table", table));
      tables.add(
          Map.of(
              "name", table,
              "num_embeddings", tableRows,
              "embedding_dim", DIM,
              "pooling", "sum"));
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("format", "nightjar-dlrm");
    model.put("version", 1);
    model.put("name", "bench-" + name);
    model.put("family", "dlrm");
    model.put("dense_features", IntStream.range(0, BenchSet.DENSE).mapToObj(i -> "d" + i).toList());
    model.put("sparse_features", sparse);
    model.put("tables", tables);
    model.put("bottom_mlp", bottom);
    model.put("interaction", Map.of("type", "dot", "pairs", "lower"));
    model.put("top_mlp", top);
    model.put("output", "sigmoid");
    return model;
  }

  private List<Tensor> layers() {
    int vectors = BenchSet.SPARSE + 1;
    List<Tensor> layers = new ArrayList<>();
    add(layers, "bot_l", BenchSet.DENSE, bottom);
    add(layers, "top_l", DIM + vectors * (vectors - 1) / 2, top);
    return layers;
  }

  private static void add(List<Tensor> layers, String name, int inputs, List<Integer> outputs) {
    int in = inputs;
    for (int i = 0; i < outputs.size(); i++) {
      int out = outputs.get(i);
      String prefix = name + "." + 2 * i;
      layers.add(new Tensor(prefix + ".weight", List.of(out, in), Math.sqrt(6.0 / in)));
      layers.add(new Tensor(prefix + ".bias", List.of(out), 0.1));
      in = out;
    }
  }

  private static void write(Path file, List<Tensor> tensors, String type, int width)
      throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    long end = 0;
    for (Tensor tensor : tensors) {
      long start = end;
      end += tensor.size() * width;
      header.put(
          tensor.name(),
          Map.of("dtype", type, "shape", tensor.shape(), "data_offsets", List.of(start, end)));
    }
    byte[] json = new ObjectMapper().writeValueAsBytes(header);
    try (FileChannel out = FileChannel.open(file, NEW)) {
      ByteBuffer head =
          ByteBuffer.allocate(Long.BYTES + json.length).order(ByteOrder.LITTLE_ENDIAN);
      out.write(head.putLong(json.length).put(json).flip(), 0);
      long at = head.limit();
      for (Tensor tensor : tensors) {
        long first = at;
        LongStream.range(0, (tensor.size() + CHUNK - 1) / CHUNK)
            .parallel()
            .forEach(chunk -> fill(out, first, tensor, chunk * CHUNK, width));
        at += tensor.size() * width;
      }
    }
  }

  /** Writes values from {@code from} on, as many as make a chunk. */
  private static void fill(FileChannel out, long first, Tensor tensor, long from, int width) {
    int count = (int) Math.min(CHUNK, tensor.size() - from);
    SplittableRandom random = new SplittableRandom(tensor.name().hashCode() + from);
    ByteBuffer values = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      // Of 24 random bits, as a float takes them.
      float uniform = (random.nextInt() >> 8) * 0x1.0p-23f;
      float value = (float) (uniform * tensor.spread());
      if (width == Short.BYTES) {
        values.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      } else {
        values.putFloat(value);
      }
    }
    try {
      for (values.flip(); values.hasRemaining(); ) {
        out.write(values, first + from * width + values.position());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
