package io.nightjar.model;

import io.nightjar.model.DlrmConfig.Family;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads {@code model.json}: every key is known, every value in range, every shape fits. */
final class ModelJson {
  static final String FILE = "model.json";

  /** Elements of one layer's weight: as fp32 they must fit a buffer of 2 GiB. */
  private static final long MAX_WEIGHT = Integer.MAX_VALUE / Float.BYTES;

  private final JsonFields root;

  private ModelJson(JsonFields root) {
    this.root = root;
  }

  /**
   * Parses and checks.
   *
   * @param file name for messages
   * @throws InvalidModelException naming the key, what it holds and what it should hold
   */
  static DlrmConfig parse(String file, String json) {
    JsonFields root =
        JsonFields.root(
            file,
            JsonFields.parse(file, json),
            List.of(
                "format",
                "version",
                "name",
                "family",
                "dense_features",
                "sparse_features",
                "tables",
                "bottom_mlp",
                "interaction",
                "top_mlp",
                "output"));
    return new ModelJson(root).config();
  }

  private DlrmConfig config() {
    root.oneOf("format", List.of("nightjar-dlrm"));
    int version = root.count("version");
    if (version != 1) {
      throw root.invalid("version", version, "1");
    }
    root.oneOf("output", List.of("sigmoid"));
    List<EmbeddingTableConfig> tables = tables();
    DlrmConfig config =
        new DlrmConfig(
            root.text("name"),
            Family.valueOf(
                root.oneOf("family", List.of("dlrm", "torchrec")).toUpperCase(Locale.ROOT)),
            root.texts("dense_features"),
            sparseFeatures(tables),
            tables,
            root.sizes("bottom_mlp"),
            interaction(),
            root.sizes("top_mlp"));
    checkFeatures(config);
    checkBottomMlp(config);
    checkInteraction(config);
    checkTopMlp(config);
    return config;
  }

  private List<EmbeddingTableConfig> tables() {
    List<EmbeddingTableConfig> tables = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonFields table :
        root.objects("tables", List.of("name", "num_embeddings", "embedding_dim", "pooling"))) {
      String name = table.text("name");
      if (!names.add(name)) {
        throw root.invalid(table.at("name"), name + ", twice", "a name of its own");
      }
      String pooling = table.oneOf("pooling", List.of("sum", "mean"));
      tables.add(
          new EmbeddingTableConfig(
              name,
              table.count("num_embeddings"),
              table.size("embedding_dim"),
              Pooling.valueOf(pooling.toUpperCase(Locale.ROOT))));
    }
    return tables;
  }

  private List<SparseFeature> sparseFeatures(List<EmbeddingTableConfig> tables) {
    Map<String, Integer> positions = new HashMap<>();
    for (EmbeddingTableConfig table : tables) {
      positions.put(table.name(), positions.size());
    }
    Set<Integer> used = new HashSet<>();
    List<SparseFeature> features = new ArrayList<>();
    for (JsonFields feature : root.objects("sparse_features", List.of("name", "table"))) {
      Integer table = positions.get(feature.text("table"));
      if (table == null) {
        throw root.invalid(feature.at("table"), feature.text("table"), "the name of a table");
      }
      used.add(table);
      features.add(new SparseFeature(feature.text("name"), table));
    }
    for (int i = 0; i < tables.size(); i++) {
      if (!used.contains(i)) {
        throw root.invalid(
            "tables[" + i + "]", tables.get(i).name() + ", used by no feature", "a feature of it");
      }
    }
    return features;
  }

  private Interaction interaction() {
    String type =
        root.object("interaction", List.of("type", "pairs", "layers", "rank"))
            .oneOf("type", List.of("dot", "cat", "cross"));
    return switch (type) {
      case "dot" -> {
        String pairs =
            root.object("interaction", List.of("type", "pairs"))
                .oneOf("pairs", List.of("lower", "upper"));
        yield new Interaction.Dot(Interaction.Pairs.valueOf(pairs.toUpperCase(Locale.ROOT)));
      }
      case "cross" -> {
        JsonFields cross = root.object("interaction", List.of("type", "layers", "rank"));
        yield new Interaction.Cross(cross.size("layers"), cross.size("rank"));
      }
      default -> {
        root.object("interaction", List.of("type"));
        yield new Interaction.Cat();
      }
    };
  }

  private void checkFeatures(DlrmConfig config) {
    if (config.sparseFeatures().isEmpty()) {
      throw root.invalid("sparse_features", "empty", "at least one feature");
    }
    Set<String> names = new HashSet<>();
    List<String> inputs = new ArrayList<>(config.denseFeatures());
    config.sparseFeatures().forEach(feature -> inputs.add(feature.name()));
    for (String name : inputs) {
      if (!names.add(name)) {
        throw root.invalid("feature name", name + ", twice", "a name of its own for each feature");
      }
    }
  }

  private void checkBottomMlp(DlrmConfig config) {
    if (config.denseFeatures().isEmpty() != config.bottomMlp().isEmpty()) {
      throw root.invalid(
          "bottom_mlp",
          config.bottomMlp(),
          config.denseFeatures().isEmpty()
              ? "[], since there is no dense feature"
              : "layer sizes, since there are "
                  + config.denseFeatures().size()
                  + " dense features");
    }
    checkWeights("bottom_mlp", config.denseFeatures().size(), config.bottomMlp());
  }

  private void checkInteraction(DlrmConfig config) {
    if (config.interaction() instanceof Interaction.Dot) {
      checkDot(config);
    } else if (config.interaction() instanceof Interaction.Cross cross) {
      if (config.family() == Family.DLRM) {
        throw root.invalid("interaction.type", "\"cross\" in family \"dlrm\"", "\"torchrec\"");
      }
      checkWeights("interaction.rank", config.vectorElements(), List.of(cross.rank()));
    }
  }

  /** A dot product needs vectors of one size, and two of them. */
  private void checkDot(DlrmConfig config) {
    int dim = config.tableOf(0).embeddingDim();
    for (int i = 0; i < config.tables().size(); i++) {
      if (config.tables().get(i).embeddingDim() != dim) {
        throw root.invalid(
            "tables[" + i + "].embedding_dim",
            config.tables().get(i).embeddingDim(),
            dim + " as the first feature's table, since the interaction is dot");
      }
    }
    int last = config.bottomMlp().size() - 1;
    if (last >= 0 && config.bottomMlp().get(last) != dim) {
      throw root.invalid(
          "bottom_mlp[" + last + "]",
          config.bottomMlp().get(last),
          dim + " as embedding_dim, since the interaction is dot");
    }
    if (config.vectors() < 2) {
      throw root.invalid("sparse_features", "one vector", "two or more for the interaction dot");
    }
  }

  private void checkTopMlp(DlrmConfig config) {
    long inputs = Math.max(config.vectorElements(), config.interactionElements());
    if (inputs > JsonFields.MAX_SIZE) {
      throw root.invalid(
          "sparse_features", inputs + " elements in all", "at most " + JsonFields.MAX_SIZE);
    }
    List<Integer> top = config.topMlp();
    if (top.isEmpty() || top.get(top.size() - 1) != 1) {
      throw root.invalid("top_mlp", top, "a last layer of size 1, the logit");
    }
    checkWeights("top_mlp", config.interactionElements(), top);
  }

  private void checkWeights(String key, long inputs, List<Integer> layers) {
    long in = inputs;
    for (int i = 0; i < layers.size(); i++) {
      if (in > MAX_WEIGHT / layers.get(i)) {
        throw root.invalid(
            key + "[" + i + "]",
            layers.get(i) + " outputs of " + in + " inputs",
            "at most " + MAX_WEIGHT + " weights in a layer");
      }
      in = layers.get(i);
    }
  }
}
