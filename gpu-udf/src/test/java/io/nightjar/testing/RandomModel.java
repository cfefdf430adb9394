package io.nightjar.testing;

import io.nightjar.model.DType;
import io.nightjar.model.DlrmConfig;
import io.nightjar.model.DlrmConfig.Family;
import io.nightjar.model.EmbeddingTableConfig;
import io.nightjar.model.Interaction;
import io.nightjar.testing.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Writes the directory of a model of a given shape with random weights. */
public final class RandomModel {
  private final DlrmConfig config;
  private final DType tableType;
  private final DType mlpType;
  private final SplittableRandom random;
  private final List<Tensor> tensors = new ArrayList<>();

  private RandomModel(DlrmConfig config, DType tableType, DType mlpType, long seed) {
    this.config = config;
    this.tableType = tableType;
    this.mlpType = mlpType;
    this.random = new SplittableRandom(seed);
  }

  /** Writes {@code model.json} and {@code model.safetensors}, all F32, into {@code folder}. */
  public static Path write(DlrmConfig config, long seed, Path folder) {
    return write(config, DType.F32, DType.F32, seed, folder);
  }

  /** The same with tables and other weights of types of their own. */
  public static Path write(
      DlrmConfig config, DType tableType, DType mlpType, long seed, Path folder) {
    RandomModel model = new RandomModel(config, tableType, mlpType, seed);
    model.addTensors();
    SafetensorsWriter writer = new SafetensorsWriter();
    model.tensors.forEach(writer::add);
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("model.json"), json(config));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writer.write(folder.resolve("model.safetensors"));
    return folder;
  }

  private void addTensors() {
    boolean dlrm = config.family() == Family.DLRM;
    for (EmbeddingTableConfig table : config.tables()) {
      String name = dlrm ? "" : "sparse_arch.embedding_bag_collection.embedding_bags.";
      add(
          name + table.name() + ".weight",
          tableType,
          0.1,
          table.numEmbeddings(),
          table.embeddingDim());
    }
    addLinears(
        config.denseFeatures().size(),
        config.bottomMlp(),
        dlrm ? "bot_l.%d." : "dense_arch.model._mlp.%d._linear.");
    int n = Math.toIntExact(config.vectorElements());
    if (config.interaction() instanceof Interaction.Cross cross) {
      for (int i = 0; i < cross.layers(); i++) {
        double scale = 1 / Math.sqrt(n);
        add("inter_arch.crossnet.W_kernels." + i, mlpType, scale, n, cross.rank());
        add("inter_arch.crossnet.V_kernels." + i, mlpType, scale, cross.rank(), n);
        add("inter_arch.crossnet.bias." + i, mlpType, scale, n);
      }
    }
    int top = config.topMlp().size();
    int in = Math.toIntExact(config.interactionElements());
    if (dlrm) {
      addLinears(in, config.topMlp(), "top_l.%d.");
    } else {
      List<Integer> hidden = config.topMlp().subList(0, top - 1);
      addLinears(in, hidden, "over_arch.model.0._mlp.%d._linear.");
      addLinear(hidden.isEmpty() ? in : hidden.get(top - 2), 1, "over_arch.model.1.");
    }
  }

  private void addLinears(int inputs, List<Integer> sizes, String prefix) {
    int in = inputs;
    for (int i = 0; i < sizes.size(); i++) {
      int step = config.family() == Family.DLRM ? 2 : 1;
      addLinear(in, sizes.get(i), prefix.formatted(step * i));
      in = sizes.get(i);
    }
  }

  private void addLinear(int in, int out, String prefix) {
    double scale = Math.sqrt(2.0 / in);
    add(prefix + "weight", mlpType, scale, out, in);
    add(prefix + "bias", mlpType, 0.1, out);
  }

  /** Uniform numbers of standard deviation {@code scale}, drawn when the tensor is written. */
  private void add(String name, DType dtype, double scale, Integer... shape) {
    SplittableRandom own = random.split();
    tensors.add(
        new Tensor(
            name,
            dtype,
            List.of(shape),
            i -> {
              float value = (float) (scale * Math.sqrt(12) * (own.nextDouble() - 0.5));
              return Tensor.of(name, dtype, List.of(1), value).element().apply(0);
            }));
  }

  /** {@code model.json} of {@code config}. */
  public static String json(DlrmConfig config) {
    return """
        { "format": "nightjar-dlrm", "version": 1, "name": "%s", "family": "%s",
          "dense_features": %s,
          "sparse_features": %s,
          "tables": %s,
          "bottom_mlp": %s,
          "interaction": %s,
          "top_mlp": %s,
          "output": "sigmoid" }
        """
        .formatted(
            config.name(),
            config.family().name().toLowerCase(Locale.ROOT),
            list(config.denseFeatures().stream().map(name -> '"' + name + '"').toList()),
            list(
                config.sparseFeatures().stream()
                    .map(
                        feature ->
                            "{\"name\": \"%s\", \"table\": \"%s\"}"
                                .formatted(
                                    feature.name(), config.tables().get(feature.table()).name()))
                    .toList()),
            list(config.tables().stream().map(RandomModel::json).toList()),
            config.bottomMlp(),
            json(config.interaction()),
            config.topMlp());
  }

  private static String json(EmbeddingTableConfig table) {
    return "{\"name\": \"%s\", \"num_embeddings\": %d, \"embedding_dim\": %d, \"pooling\": \"%s\"}"
        .formatted(
            table.name(),
            table.numEmbeddings(),
            table.embeddingDim(),
            table.pooling().name().toLowerCase(Locale.ROOT));
  }

  private static String json(Interaction interaction) {
    if (interaction instanceof Interaction.Dot dot) {
      return "{\"type\": \"dot\", \"pairs\": \"%s\"}"
          .formatted(dot.pairs().name().toLowerCase(Locale.ROOT));
    }
    if (interaction instanceof Interaction.Cross cross) {
      return "{\"type\": \"cross\", \"layers\": %d, \"rank\": %d}"
          .formatted(cross.layers(), cross.rank());
    }
    return "{\"type\": \"cat\"}";
  }

  private static String list(Collection<String> items) {
    return items.stream().collect(Collectors.joining(", ", "[", "]"));
  }
}
